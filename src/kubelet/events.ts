import { randomUUID } from 'node:crypto'
import { failureReason, isKubeApiError } from '../kube/index.ts'
import type { KubeClient, KubeEvent, KubePod } from '../kube/index.ts'
import { EVENT_RETRY_MS, EVENT_TRIES, EVENTS_BURST, EVENTS_REFILL_MS } from './limits.ts'
import { rest } from './repeat.ts'

export interface EventWriter {
  /** `container`: the field it is about. Never fails: what cannot be written in time is lost, as with a kubelet. */
  write(
    pod: KubePod,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    container?: string,
  ): void
}

interface Series {
  readonly name: string
  readonly namespace: string
  count: number
}

/** Writes Events about Pods; equal ones are counted up, and more than a burst of them are dropped. */
export function createEventWriter(
  client: KubeClient,
  nodeName: string,
  signal: AbortSignal,
): EventWriter {
  const series = new Map<string, Series>()
  let tokens = EVENTS_BURST
  let refilledAt = performance.now()

  function allowed(): boolean {
    const earned = Math.floor((performance.now() - refilledAt) / EVENTS_REFILL_MS)
    refilledAt += earned * EVENTS_REFILL_MS
    tokens = Math.min(EVENTS_BURST, tokens + earned)
    if (tokens === 0) return false
    tokens -= 1
    return true
  }

  /** An API server that is not up yet must not cost the first events of its own Pods. */
  async function deliver(key: string, event: KubeEvent): Promise<void> {
    for (let tries = 0; tries < EVENT_TRIES && !signal.aborted; tries++) {
      try {
        return await send(key, event)
      } catch (error) {
        series.delete(key)
        if (failureReason(error) === 'http' && !isKubeApiError(error, 403)) return
        await rest(EVENT_RETRY_MS, signal)
      }
    }
  }

  async function send(key: string, event: KubeEvent): Promise<void> {
    const known = series.get(key)
    if (known) {
      known.count += 1
      const body = { count: known.count, lastTimestamp: event.lastTimestamp }
      const path = `/api/v1/namespaces/${known.namespace}/events/${known.name}`
      await client.patch(path, body, 'merge')
      return
    }
    const { name = '', namespace = '' } = event.metadata
    if (series.size >= SERIES_KEPT) series.clear()
    series.set(key, { name, namespace, count: 1 })
    await client.create(`/api/v1/namespaces/${namespace}/events`, event)
  }

  return {
    write(pod, type, reason, message, container) {
      if (!allowed()) return
      const { name = '', namespace = 'default', uid = '' } = pod.metadata ?? {}
      const now = `${new Date().toISOString().slice(0, 19)}Z`
      const key = [uid, reason, container, message].join('\n')
      const event: KubeEvent = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.${randomUUID().replaceAll('-', '').slice(0, 16)}`, namespace },
        involvedObject: {
          apiVersion: 'v1',
          kind: 'Pod',
          name,
          namespace,
          uid,
          ...(container && { fieldPath: `spec.containers{${container}}` }),
        },
        type,
        reason,
        message,
        source: { component: 'kubelet', host: nodeName },
        reportingComponent: 'kubelet',
        reportingInstance: nodeName,
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      }
      void deliver(key, event)
    },
  }
}
const SERIES_KEPT = 256
