/** Silence is never evidence: a source that cannot be observed opens a gap, and closes it later. */
import type { Observation } from '../../wire/evidence.ts'
import type { LabClock } from '../clock.ts'

export function gapRecorder(
  source: string,
  clock: LabClock,
  record: (observation: Observation) => void,
): { open: () => void; close: () => void } {
  let from: number | undefined
  return {
    open() {
      if (from !== undefined) return
      from = Math.round(clock.now())
      record({ kind: 'gap', source, from, to: null })
    },
    close() {
      if (from === undefined) return
      record({ kind: 'gap', source, from, to: Math.round(clock.now()) })
      from = undefined
    },
  }
}
