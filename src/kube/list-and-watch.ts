import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient, Query, WatchEvent } from './kube-client.ts'
import { KubeApiError } from './kube-error.ts'
import { RETRY_MAX_MS, RETRY_MIN_MS } from './limits.ts'

export interface InformerHandlers<T> {
  /** All there is, now: what is not in `items` does not exist. After each (re)list. */
  onSync(items: readonly T[], resourceVersion: string): void
  onEvent(event: WatchEvent<T> & { type: 'ADDED' | 'MODIFIED' | 'DELETED' }): void
  /** Observation stopped; called once per interruption, at its first failure. */
  onGap?(error: unknown): void
  /** Observation goes on; an `onSync` preceded it. */
  onRecovered?(): void
}
export interface InformerOptions {
  readonly query?: Query
  /** [0, 1), for the jitter. */
  readonly random?: () => number
}

interface Listed {
  readonly metadata?: { readonly resourceVersion?: string }
}

/**
 * Lists `path`, then watches it, until `signal` aborts; resolves then and never fails for reasons of
 * the network or the API server: those are reported as gaps, and it lists again after 0.2 … 5 s.
 */
export async function listAndWatch<T extends Listed>(
  client: KubeClient,
  path: string,
  handlers: InformerHandlers<T>,
  signal: AbortSignal,
  { query = {}, random = Math.random }: InformerOptions = {},
): Promise<void> {
  let failures = 0
  let gap = false
  const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined)

  /** Watches anew from where the last one ended; each server ends it regularly. */
  async function follow(from: string): Promise<void> {
    let resourceVersion = from
    while (!signal.aborted) {
      const watching = client.watch<T>(path, { ...query, resourceVersion }, signal, {
        onOpen() {
          failures = 0
          if (!gap) return
          gap = false
          handlers.onRecovered?.()
        },
      })
      const openedAt = performance.now()
      for await (const event of watching) {
        resourceVersion = event.object.metadata?.resourceVersion ?? resourceVersion
        if (isChange(event)) handlers.onEvent(event)
      }
      // A server that ends each watch at once (it shuts down) must not be asked in a tight loop.
      if (performance.now() - openedAt < RETRY_MIN_MS) await pause(RETRY_MIN_MS)
    }
  }

  while (!signal.aborted) {
    try {
      const { items, resourceVersion } = await client.list<T>(path, query)
      if (signal.aborted) return
      handlers.onSync(items, resourceVersion)
      await follow(resourceVersion)
    } catch (error) {
      if (signal.aborted) return
      // Too old a version is the ordinary end of a long watch, not a loss of sight.
      const expired = error instanceof KubeApiError && error.status === 410
      if (!gap && !expired) {
        gap = true
        handlers.onGap?.(error)
      }
      const backOff = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures)
      failures = Math.min(failures + 1, 10)
      await pause(backOff * (0.5 + random() / 2))
    }
  }
}

function isChange<T>(
  event: WatchEvent<T>,
): event is WatchEvent<T> & { type: 'ADDED' | 'MODIFIED' | 'DELETED' } {
  return event.type !== 'BOOKMARK'
}
