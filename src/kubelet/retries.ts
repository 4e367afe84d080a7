import { failureReason } from '../kube/index.ts'
import { WRITE_RETRY_MAX_MS, WRITE_RETRY_MIN_MS, WRITE_RETRY_NETWORK_MS } from './limits.ts'
import { backOffMs } from './repeat.ts'

/** Back-off of each thing on its own: one that can never succeed delays no other. */
export interface Retries {
  /** Whether it may be tried now. */
  isDue(key: string): boolean
  succeeded(key: string): void
  /** Answers how often in a row it has failed by now. */
  failed(key: string, error: unknown): number
}

/** `wake` is called when something that failed may be tried again. */
export function createRetries(wake: () => void, signal: AbortSignal): Retries {
  const waiting = new Map<string, { failures: number; timer: NodeJS.Timeout | null }>()
  signal.addEventListener('abort', () => {
    for (const { timer } of waiting.values()) if (timer) clearTimeout(timer)
    waiting.clear()
  })
  return {
    isDue: (key) => !waiting.get(key)?.timer,
    succeeded: (key) => void waiting.delete(key),
    failed(key, error) {
      if (signal.aborted) return 0
      const failures = (waiting.get(key)?.failures ?? 0) + 1
      const slowest = failureReason(error) === 'http' ? WRITE_RETRY_MAX_MS : WRITE_RETRY_NETWORK_MS
      const entry: { failures: number; timer: NodeJS.Timeout | null } = {
        failures,
        timer: setTimeout(
          () => {
            entry.timer = null
            wake()
          },
          backOffMs(failures, WRITE_RETRY_MIN_MS, slowest),
        ),
      }
      waiting.set(key, entry)
      return failures
    },
  }
}
