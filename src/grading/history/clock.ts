import type { EvidenceHead } from '../../wire/evidence.ts'

/**
 * A time stamp that Kubernetes wrote, as ms of the recorder's clock: both come from the same machine.
 * Never later than the line that tells it; null where the stamp is missing or no date.
 */
export function stampMs(stamp: string | null, line: EvidenceHead): number | null {
  if (stamp === null) return null
  const ms = Date.parse(stamp) - (Date.parse(line.at) - line.ms)
  return Number.isNaN(ms) ? null : Math.min(ms, line.ms)
}
