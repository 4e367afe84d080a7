import type { Evidence } from '../wire/evidence.ts'
import { type Io, paint } from './io.ts'

/** One line of evidence for a reader: seconds since `up`, kind, then its fields. */
export function renderEvidence(line: Evidence, io: Io): string {
  const { n, at: _at, ms, epoch: _epoch, kind, ...fields } = line
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${fieldText(value)}`)
    .join(' ')
  const head = `${String(n).padStart(5)} ${(ms / 1000).toFixed(3).padStart(9)}s`
  return `${paint(io.stdout, 'dim', head)} ${paint(io.stdout, 'bold', kind.padEnd(9))} ${text}`
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
  return JSON.stringify(value)
}
