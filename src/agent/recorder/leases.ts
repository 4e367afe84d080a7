/** Leases as every API server tells them, side by side: a server without a majority tells the past. */
import type { V1Lease } from '@kubernetes/client-node'
import { listAndWatch, type KubeClient } from '../../kube/index.ts'
import type { LeaseObservation, Observation } from '../../wire/evidence.ts'
import type { LabClock } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import { gapRecorder } from './gaps.ts'

export interface LeaseRecorderOptions {
  readonly servers: ReadonlyMap<string, KubeClient>
  readonly clock: LabClock
  readonly record: (observation: Observation) => void
}

export function recordLeases(
  { servers, clock, record }: LeaseRecorderOptions,
  signal: AbortSignal,
): void {
  /** By lease: the newest renewal recorded, whoever told it, and when. */
  const renewals = new Map<string, { renewed: string; ms: number }>()

  for (const [seenFrom, client] of servers) {
    const known = new Map<string, LeaseObservation>()
    const gap = gapRecorder(`leases/${seenFrom}`, clock, record)

    const see = (lease: V1Lease) => {
      const now = observationOf(lease, seenFrom)
      const key = `${now.namespace}/${now.name}`
      const before = known.get(key)
      known.set(key, now)
      if (before?.holder !== now.holder || before.uid !== now.uid) {
        record(now)
        return
      }
      const last = renewals.get(key)
      if (now.renewed === null || (last && last.renewed >= now.renewed)) return
      if (last && clock.now() - last.ms < LIMITS.renewalEveryMs) return
      renewals.set(key, { renewed: now.renewed, ms: clock.now() })
      const { uid: _uid, deleted: _deleted, ...fields } = now
      record({ ...fields, kind: 'renewal' })
    }
    const forget = (key: string) => {
      const before = known.get(key)
      known.delete(key)
      if (before) record({ ...before, deleted: true })
    }

    void listAndWatch<V1Lease>(
      client,
      '/apis/coordination.k8s.io/v1/leases',
      {
        onSync(items) {
          const present = new Set(items.map(keyOf))
          for (const key of [...known.keys()]) if (!present.has(key)) forget(key)
          for (const item of items) see(item)
        },
        onEvent({ type, object }) {
          if (type === 'DELETED') forget(keyOf(object))
          else see(object)
        },
        onGap: gap.open,
        onRecovered: gap.close,
      },
      signal,
    )
  }
}

const keyOf = ({ metadata }: V1Lease) => `${metadata?.namespace}/${metadata?.name}`

function observationOf({ metadata, spec }: V1Lease, seenFrom: string): LeaseObservation {
  // Times come as JSON strings: the client's types say Date, but nothing here made them one.
  const text = (time: unknown) => (typeof time === 'string' ? time : null)
  return {
    kind: 'lease',
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    holder: spec?.holderIdentity ?? '',
    acquired: text(spec?.acquireTime),
    renewed: text(spec?.renewTime),
    duration: spec?.leaseDurationSeconds ?? 0,
    transitions: spec?.leaseTransitions ?? 0,
    seenFrom,
  }
}
