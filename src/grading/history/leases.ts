import type { EvidenceHead, LeaseObservation, RenewalObservation } from '../../wire/evidence.ts'
import { stampMs } from './clock.ts'

/** One identity's time as the holder of a lease. */
export interface Holding {
  readonly identity: string
  /** The identity's host name: the part before its last `_`. */
  readonly node: string
  readonly acquiredMs: number
  /** When it was released, deleted or taken over; null while it lasts. A dead holder keeps its lease until then. */
  readonly untilMs: number | null
  readonly endedBy: 'released' | 'replaced' | 'deleted' | null
  readonly firstRenewalMs: number | null
  readonly lastRenewedMs: number
  readonly transitions: number
  readonly durationSeconds: number
  readonly uid: string | null
  readonly seenFrom: string
  readonly evidence: readonly number[]
}

type LeaseLine = EvidenceHead & (LeaseObservation | RenewalObservation)
type Mutable = { -readonly [K in keyof Holding]: Holding[K] } & { evidence: number[] }

interface LeaseTrack {
  readonly holdings: Mutable[]
  /** Newest renewal that any server told, on the recorder's clock: what is older is a stale view. */
  newest: number
  deletedUid: string | null
}

export interface LeaseIndex {
  append(line: LeaseLine): void
  holdings(namespace: string, name: string): readonly Holding[]
}

/** Merges what the API servers tell about each lease: the newest renewal wins, stale views are left out. */
export function createLeaseIndex(): LeaseIndex {
  const tracks = new Map<string, LeaseTrack>()

  function track(key: string): LeaseTrack {
    const known = tracks.get(key)
    if (known) return known
    const fresh: LeaseTrack = { holdings: [], newest: -Infinity, deletedUid: null }
    tracks.set(key, fresh)
    return fresh
  }

  return {
    append(line) {
      const lease = track(`${line.namespace}/${line.name}`)
      if (line.kind === 'lease' && line.deleted) remove(lease, line)
      else if (!isStale(lease, line)) observe(lease, line)
    },
    holdings: (namespace, name) => tracks.get(`${namespace}/${name}`)?.holdings ?? [],
  }
}

function isStale(lease: LeaseTrack, line: LeaseLine): boolean {
  if (line.kind === 'lease' && line.uid === lease.deletedUid) return true
  const renewed = stampMs(line.renewed, line) ?? line.ms
  // A view of the object that was deleted can come as a renewal too, which tells no uid.
  return lease.deletedUid !== null && openOf(lease) === undefined
    ? renewed <= lease.newest
    : renewed < lease.newest
}

function observe(lease: LeaseTrack, line: LeaseLine): void {
  const renewed = stampMs(line.renewed, line) ?? line.ms
  lease.newest = Math.max(lease.newest, renewed)
  const open = openOf(lease)
  const uid = line.kind === 'lease' ? line.uid : (open?.uid ?? null)
  if (line.holder === '') {
    if (open) close(open, renewed, 'released', line.n)
    return
  }
  if (open?.identity === line.holder && open.uid === uid) {
    if (open.firstRenewalMs === null && renewed > open.acquiredMs) {
      open.firstRenewalMs = renewed
      open.evidence.push(line.n)
    }
    open.lastRenewedMs = renewed
    return
  }
  const acquired = stampMs(line.acquired, line) ?? line.ms
  if (open) close(open, acquired, 'replaced', line.n)
  lease.holdings.push({
    identity: line.holder,
    node: nodeOf(line.holder),
    acquiredMs: acquired,
    untilMs: null,
    endedBy: null,
    firstRenewalMs: renewed > acquired ? renewed : null,
    lastRenewedMs: renewed,
    transitions: line.transitions,
    durationSeconds: line.duration,
    uid,
    seenFrom: line.seenFrom,
    evidence: [line.n],
  })
}

function remove(lease: LeaseTrack, line: EvidenceHead & LeaseObservation): void {
  if (line.uid === lease.deletedUid) return
  const open = openOf(lease)
  if (open && open.uid !== null && open.uid !== line.uid) return
  lease.deletedUid = line.uid
  if (open) close(open, line.ms, 'deleted', line.n)
}

function openOf(lease: LeaseTrack): Mutable | undefined {
  const last = lease.holdings.at(-1)
  return last?.untilMs === null ? last : undefined
}

function close(holding: Mutable, ms: number, by: NonNullable<Holding['endedBy']>, n: number): void {
  holding.untilMs = Math.max(holding.acquiredMs, ms)
  holding.endedBy = by
  holding.evidence.push(n)
}

/** Node part of a holder's identity (`cp-1_2f0c…` → `cp-1`). */
function nodeOf(identity: string): string {
  const cut = identity.lastIndexOf('_')
  return cut < 0 ? identity : identity.slice(0, cut)
}
