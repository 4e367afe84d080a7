/**
 * Each etcd member's own view, asked from inside its node through etcd's JSON gateway: so a member
 * that is cut off still tells who it thinks leads.
 */
import { Pool } from 'undici'
import type { Node } from '../../engines/types.ts'
import { failureReason } from '../../kube/index.ts'
import { PORTS } from '../../cluster/facts.ts'
import type { PemPair } from '../../cluster/index.ts'
import type { EtcdObservation, Observation } from '../../wire/evidence.ts'
import type { LabClock } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import { every } from './every.ts'
import { summary } from './summary.ts'

export interface EtcdRecorderOptions {
  readonly members: readonly Node[]
  readonly ca: string
  readonly client: PemPair
  readonly clock: LabClock
  readonly record: (observation: Observation) => void
}

interface Status {
  readonly header: { readonly member_id: string; readonly revision?: string }
  readonly leader?: string
  readonly raftTerm?: string
  readonly raftIndex?: string
  readonly dbSize?: string
  readonly isLearner?: boolean
  readonly errors?: readonly string[]
}

type View = Omit<EtcdObservation, 'kind' | 'member' | 'count' | 'sinceMs'>

const NOBODY: View = {
  ok: false,
  leader: null,
  term: 0,
  index: 0,
  learner: false,
  dbBytes: 0,
  alarms: [],
  revision: 0,
}

export function recordEtcd(options: EtcdRecorderOptions, signal: AbortSignal): void {
  const { clock, record } = options
  /** Member ids are hashes; each member tells its own. */
  const names = new Map<string, string>()
  for (const node of options.members) {
    const sums = summary<View>(LIMITS.summaryMs)
    const ask = statusOf(node, options)
    every(
      LIMITS.etcdEveryMs,
      async () => {
        const asked = clock.now()
        const view = await ask().then(
          (status) => {
            names.set(status.header.member_id, node.name)
            return viewOf(status, names)
          },
          (error: unknown) => ({ ...NOBODY, reason: failureReason(error) }),
        )
        if (signal.aborted) return
        const key = [view.ok, view.reason, view.leader, view.term, view.learner, view.alarms].join()
        for (const { value, count, sinceMs } of sums.push(key, view, asked)) {
          record({ kind: 'etcd', member: node.name, ...value, count, sinceMs: Math.round(sinceMs) })
        }
      },
      signal,
    )
  }
}

function viewOf(status: Status, names: ReadonlyMap<string, string>): View {
  const leader = status.leader ?? '0'
  return {
    ok: leader !== '0',
    ...(leader === '0' && { reason: 'no-leader' }),
    leader: leader === '0' ? null : (names.get(leader) ?? leader),
    term: Number(status.raftTerm ?? 0),
    index: Number(status.raftIndex ?? 0),
    learner: status.isLearner ?? false,
    dbBytes: Number(status.dbSize ?? 0),
    alarms: (status.errors ?? []).map(alarmOf).filter((alarm) => alarm !== ''),
    revision: Number(status.header.revision ?? 0),
  }
}

/** `memberID:123 alarm:NOSPACE ` → `NOSPACE`; that there is no leader is told by the leader field. */
function alarmOf(error: string): string {
  return /alarm:\s*(\w+)/.exec(error)?.[1] ?? ''
}

/** One connection a member, made anew when its node gets a new relay. */
function statusOf(node: Node, { ca, client }: EtcdRecorderOptions): () => Promise<Status> {
  let pool: { socketPath: string; pool: Pool } | undefined
  return async () => {
    const socketPath = await node.relay({ host: '127.0.0.1', port: PORTS.etcdClient })
    if (pool?.socketPath !== socketPath) {
      void pool?.pool.destroy()
      pool = {
        socketPath,
        pool: new Pool(`https://127.0.0.1:${PORTS.etcdClient}`, {
          connections: 1,
          connect: {
            socketPath,
            ca,
            cert: client.cert,
            key: client.key,
            timeout: LIMITS.probeTimeoutMs,
          },
        }),
      }
    }
    const { statusCode, body } = await pool.pool.request({
      method: 'POST',
      path: '/v3/maintenance/status',
      body: '{}',
      headersTimeout: LIMITS.probeTimeoutMs,
      bodyTimeout: LIMITS.probeTimeoutMs,
      signal: AbortSignal.timeout(LIMITS.probeTimeoutMs),
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`etcd answered ${statusCode}: ${text}`)
    return JSON.parse(text) as Status
  }
}
