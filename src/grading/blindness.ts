import type { GraderContext } from './grader.ts'
import { notObserved } from './temporal.ts'
import type { Verdict } from './verdict.ts'

/**
 * For checks that found nothing yet: the error when one of `sources` cannot be observed just now, else null.
 * A gap that has closed hides no change of a holder or of a process: what came after it shows the change.
 * Durations need more: give their gaps to the temporal predicates.
 */
export function blindNow(context: GraderContext, sources: readonly string[]): Verdict | null {
  const now = context.now()
  for (const source of sources) {
    const gap = context.history.gaps(source).find(({ from, to }) => from <= now && to >= now)
    if (gap) return notObserved(gap)
  }
  return null
}
