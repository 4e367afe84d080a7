import type { ApiObservation, EtcdObservation, EvidenceHead } from '../../wire/evidence.ts'
import type { Sample } from '../temporal.ts'

/** A stretch in which one API probe gave the same answer. */
export interface ApiStretch extends Sample {
  /** Why it failed, in a word; null while it succeeded. */
  readonly reason: string | null
  readonly evidence: readonly number[]
}

/** A stretch in which one etcd member told the same leader and term. */
export interface EtcdStretch extends Sample {
  readonly leader: string | null
  readonly term: number
  readonly learner: boolean
  readonly alarms: readonly string[]
  /** As the last line of the stretch told them. */
  readonly revision: number
  readonly index: number
  readonly dbBytes: number
  readonly evidence: readonly number[]
}

export interface ProbeIndex {
  appendApi(line: EvidenceHead & ApiObservation): void
  appendEtcd(line: EvidenceHead & EtcdObservation): void
  api(target: string, op: ApiObservation['op']): readonly ApiStretch[]
  etcd(member: string): readonly EtcdStretch[]
  targets(): readonly string[]
}

export function createProbeIndex(): ProbeIndex {
  const api = new Map<string, ApiStretch[]>()
  const etcd = new Map<string, EtcdStretch[]>()
  const targets = new Set<string>()
  return {
    appendApi(line) {
      targets.add(line.target)
      const next: ApiStretch = {
        ok: line.ok,
        reason: line.ok ? null : (line.reason ?? 'unknown'),
        from: line.sinceMs,
        to: line.ms,
        count: line.count,
        evidence: [line.n],
      }
      extend(
        api,
        `${line.target}/${line.op}`,
        next,
        (a, b) => a.ok === b.ok && a.reason === b.reason,
      )
    },
    appendEtcd(line) {
      const next: EtcdStretch = {
        ok: line.ok,
        leader: line.leader,
        term: line.term,
        learner: line.learner,
        alarms: line.alarms,
        revision: line.revision,
        index: line.index,
        dbBytes: line.dbBytes,
        from: line.sinceMs,
        to: line.ms,
        count: line.count,
        evidence: [line.n],
      }
      extend(etcd, line.member, next, sameMember)
    },
    api: (target, op) => api.get(`${target}/${op}`) ?? [],
    etcd: (member) => etcd.get(member) ?? [],
    targets: () => [...targets],
  }
}

function sameMember(a: EtcdStretch, b: EtcdStretch): boolean {
  return (
    a.ok === b.ok &&
    a.leader === b.leader &&
    a.term === b.term &&
    a.learner === b.learner &&
    a.alarms.join() === b.alarms.join()
  )
}

/** Appends, or lengthens the last stretch; its evidence is then the first line and the last. */
function extend<T extends Sample & { readonly evidence: readonly number[] }>(
  stretches: Map<string, T[]>,
  key: string,
  next: T,
  same: (a: T, b: T) => boolean,
): void {
  const list = stretches.get(key)
  if (!list) {
    stretches.set(key, [next])
    return
  }
  const last = list.at(-1)
  if (!last || !same(last, next)) {
    list.push(next)
    return
  }
  const evidence = [last.evidence[0] ?? 0, next.evidence[0] ?? 0]
  list[list.length - 1] = { ...next, from: last.from, count: last.count + next.count, evidence }
}
