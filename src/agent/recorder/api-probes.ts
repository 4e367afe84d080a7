/**
 * What a client feels: reads and writes of the API, through the balancer and at each server. The
 * recorder asks from its own place in the lab's network; each target has an object of its own.
 */
import type { KubeClient } from '../../kube/index.ts'
import { failureReason } from '../../kube/index.ts'
import type { ApiObservation, Observation } from '../../wire/evidence.ts'
import type { LabClock } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import { every } from './every.ts'
import { summary } from './summary.ts'

export const RECORDER_NAMESPACE = 'halab-recorder'

interface Probe {
  readonly ok: boolean
  readonly status?: number
  readonly reason?: string
  readonly tookMs: number
}

export interface ApiProbeOptions {
  readonly target: string
  readonly client: KubeClient
  readonly clock: LabClock
  readonly record: (observation: Observation) => void
  readonly ops: readonly { readonly op: ApiObservation['op']; readonly everyMs: number }[]
}

export function probeApi(options: ApiProbeOptions, signal: AbortSignal): void {
  const { target, client, clock, record } = options
  for (const { op, everyMs } of options.ops) {
    const sums = summary<Probe>(LIMITS.summaryMs)
    const tell = (told: ReturnType<typeof sums.flush>) => {
      for (const { value, count, sinceMs } of told) {
        record({ kind: 'api', target, op, ...value, count, sinceMs: Math.round(sinceMs) })
      }
    }
    every(
      everyMs,
      async () => {
        const asked = clock.now()
        const probe = await ask(client, target, op, signal)
        if (signal.aborted) return
        tell(sums.push(`${probe.ok} ${probe.status} ${probe.reason}`, probe, asked))
      },
      signal,
    )
    signal.addEventListener('abort', () => tell(sums.flush()), { once: true })
  }
}

let counter = 0

async function ask(
  client: KubeClient,
  target: string,
  op: ApiObservation['op'],
  signal: AbortSignal,
): Promise<Probe> {
  const began = performance.now()
  try {
    const { status } = await send(client, target, op, signal)
    const tookMs = Math.round((performance.now() - began) * 10) / 10
    return status < 300
      ? { ok: true, status, tookMs }
      : { ok: false, status, reason: 'http', tookMs }
  } catch (error) {
    const tookMs = Math.round((performance.now() - began) * 10) / 10
    return { ok: false, reason: failureReason(error), tookMs }
  }
}

const objects = `/api/v1/namespaces/${RECORDER_NAMESPACE}/configmaps`

async function send(
  client: KubeClient,
  target: string,
  op: ApiObservation['op'],
  signal: AbortSignal,
) {
  const options = { timeoutMs: LIMITS.probeTimeoutMs, signal }
  const path = `${objects}/probe-${target}`
  if (op === 'readyz') return client.raw('GET', '/readyz', options)
  // Without a resourceVersion: answered only with a majority of etcd behind it.
  if (op === 'read') return client.raw('GET', path, options)
  const data = { n: String((counter += 1)) }
  const answer = await client.raw('PATCH', path, {
    ...options,
    body: { data },
    contentType: 'application/merge-patch+json',
  })
  if (answer.status !== 404) return answer
  const metadata = { name: `probe-${target}`, namespace: RECORDER_NAMESPACE }
  return client.raw('POST', objects, { ...options, body: { metadata, data } })
}
