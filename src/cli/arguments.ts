/** What words on the command line mean. Each throws commander's InvalidArgumentError. */
import { InvalidArgumentError } from 'commander'
import type { EvidenceKind } from '../wire/evidence.ts'

/** A whole number from 0 on that JavaScript holds exactly. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a whole number from 0 on.')
  }
  return value
}

export function portNumber(text: string): number {
  const value = wholeNumber(text)
  if (value > 65_535) throw new InvalidArgumentError('A port is 65535 at the most.')
  return value
}

/** Seconds above 0, with or without a fraction. */
export function seconds(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a number of seconds above 0.')
  }
  return value
}

/** The compiler holds this list to the kinds there are. */
const KINDS: Record<EvidenceKind, true> = {
  lab: true,
  api: true,
  balancer: true,
  lease: true,
  renewal: true,
  etcd: true,
  process: true,
  fault: true,
  node: true,
  pod: true,
  endpoints: true,
  gap: true,
  answer: true,
  verdict: true,
  command: true,
}
export const EVIDENCE_KINDS = Object.keys(KINDS)
