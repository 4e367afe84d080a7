import { BACK_OFF_FORGET_MS, BACK_OFF_MAX_MS, BACK_OFF_MIN_MS } from './limits.ts'

/** What a kubelet remembers of a container's restarts. */
export interface BackOff {
  /** How long the next exit has to wait, from its end. */
  readonly waitMs: number
  /** When it was last restarted. */
  readonly restartedAt: number
}

/**
 * When a container that ended at `finishedAt` may start again: the first time at once, then 10 s after
 * its end, 20 s … 5 min. A container that ran for 10 min counts as healthy again.
 */
export function restartAt(backOff: BackOff | undefined, finishedAt: number): number {
  return backOff && !isForgotten(backOff, finishedAt) ? finishedAt + backOff.waitMs : finishedAt
}

/** What to remember after the restart at `now` of a container that ended at `finishedAt`. */
export function afterRestart(
  backOff: BackOff | undefined,
  finishedAt: number,
  now: number,
): BackOff {
  const waitMs =
    backOff && !isForgotten(backOff, finishedAt)
      ? Math.min(backOff.waitMs * 2, BACK_OFF_MAX_MS)
      : BACK_OFF_MIN_MS
  return { waitMs, restartedAt: now }
}

function isForgotten(backOff: BackOff, finishedAt: number): boolean {
  return finishedAt - backOff.restartedAt > BACK_OFF_FORGET_MS
}
