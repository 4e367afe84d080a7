import { setTimeout as delay } from 'node:timers/promises'
import type { Activity } from './activity.ts'

/** What loops of a kubelet share: they end with `signal`, and rest while the node is frozen. */
export interface LoopContext {
  readonly activity: Activity
  readonly signal: AbortSignal
}

/** Resolves after `ms`, at once when `signal` aborts. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => undefined)
}

/**
 * Runs `step` again and again, each answering how many ms to rest after it. A step that fails is
 * told to `failed`, which answers the same.
 */
export async function repeat(
  { activity, signal }: LoopContext,
  step: () => Promise<number>,
  failed: (error: unknown, failures: number) => number,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    await activity.whenActive(signal)
    if (signal.aborted) return
    let restMs: number
    try {
      restMs = await step()
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      failures += 1
      restMs = failed(error, failures)
    }
    await rest(restMs, signal)
  }
}

/** `min`, doubled with each failure up to `max`, with some jitter. */
export function backOffMs(failures: number, min: number, max: number): number {
  return Math.min(max, min * 2 ** Math.min(failures - 1, 16)) * (0.75 + Math.random() / 4)
}
