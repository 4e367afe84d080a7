import type { TaskCheck } from './grader.ts'
import { seconds } from './temporal.ts'
import { type Verdict, fail } from './verdict.ts'

/** What a task has come to, over many gradings. */
export interface Standing {
  readonly verdict: Verdict
  /** Since when its check has passed at every grading, in ms; null while it does not. */
  readonly passingSince: number | null
}

export function freshStanding(): Standing {
  return {
    verdict: fail('not-graded', 'Not graded yet.'),
    passingSince: null,
  }
}

/** The new standing after a check said `verdict` at `now`, by the task's mode. */
export function settle(
  before: Standing,
  verdict: Verdict,
  check: TaskCheck | undefined,
  now: number,
): Standing {
  const mode = typeof check === 'object' ? check.mode : 'edge'
  const latches = mode !== 'level' && mode !== 'window'
  if (latches && before.verdict.status === 'pass') return before

  const passingSince = verdict.status === 'pass' ? (before.passingSince ?? now) : null
  if (typeof check === 'object' && check.mode === 'window' && passingSince !== null) {
    const held = now - passingSince
    if (held < check.forMs)
      return { verdict: notLongEnough(verdict, held, check.forMs), passingSince }
  }
  return { verdict, passingSince }
}

function notLongEnough(verdict: Verdict, heldMs: number, forMs: number): Verdict {
  const message = `${verdict.message} It has held for ${seconds(heldMs)} s; it must hold for ${seconds(forMs)} s.`
  return fail('not-long-enough', message, verdict.evidence)
}
