import type { EvidenceHead, GapObservation } from '../../wire/evidence.ts'
import { type Interval, intersection, union } from '../interval.ts'

/** These blind every source. */
const EVERYTHING = ['pause', 'recorder']

export interface GapIndex {
  append(line: EvidenceHead & GapObservation): void
  /**
   * When `source` could not be observed. A source that several members tell (`leases` from `leases/cp-1`,
   * `leases/cp-2` …) was not observed only while none of the `members` could be.
   */
  of(source: string, members: readonly string[]): readonly Interval[]
}

export function createGapIndex(): GapIndex {
  const gaps = new Map<string, Map<number, Interval>>()
  const direct = (source: string): Interval[] => [...(gaps.get(source)?.values() ?? [])]

  return {
    append({ source, from, to }) {
      const known = gaps.get(source) ?? new Map<number, Interval>()
      gaps.set(source, known.set(from, { from, to: to ?? Infinity }))
    },
    of(source, members) {
      const parts = members.map((member) => direct(`${source}/${member}`))
      return union([...EVERYTHING.flatMap(direct), ...direct(source), ...intersection(parts)])
    },
  }
}
