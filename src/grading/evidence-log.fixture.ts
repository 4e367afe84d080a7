/** Writes evidence for tests as the recorder would: numbered lines on one clock. */
import type { Evidence, Observation } from '../wire/evidence.ts'
import { type History, createHistory } from './history.ts'

const STARTED = Date.parse('2026-03-01T12:00:00.000Z')

export interface EvidenceLog {
  readonly history: History
  readonly lines: readonly Evidence[]
  /** Writes at `ms`. */
  write(ms: number, observation: Observation): Evidence
  ready(ms: number): void
  start(ms: number, process: string, pid: number): void
  exit(
    ms: number,
    process: string,
    pid: number,
    how?: { signal?: string; code?: number; by?: string },
  ): void
  /** A change of holder, seen `seenMs` (the same by default). */
  lease(acquiredMs: number, name: string, holder: string, more?: LeaseMore): void
  renewal(ms: number, name: string, holder: string, more?: LeaseMore & { acquiredMs: number }): void
  reset(ms: number): void
}

interface LeaseMore {
  readonly seenMs?: number
  readonly seenFrom?: string
  readonly renewedMs?: number
  readonly transitions?: number
  readonly uid?: string
  readonly deleted?: true
}

export function createEvidenceLog(): EvidenceLog {
  const history = createHistory()
  const lines: Evidence[] = []
  let epoch = 1

  function write(ms: number, observation: Observation): Evidence {
    const line: Evidence = { n: lines.length + 1, at: stamp(ms), ms, epoch, ...observation }
    lines.push(line)
    history.append(line)
    return line
  }
  const split = (process: string) => {
    const [node = '', ...component] = process.split('/')
    return { node, component: component.join('/') }
  }
  const fields = (acquiredMs: number, name: string, holder: string, more: LeaseMore) => ({
    namespace: 'kube-system',
    name,
    holder,
    acquired: stamp(acquiredMs),
    renewed: stamp(more.renewedMs ?? acquiredMs),
    duration: holder === '' ? 1 : 15,
    transitions: more.transitions ?? 0,
    seenFrom: more.seenFrom ?? 'cp-1',
  })

  return {
    history,
    lines,
    write,
    ready: (ms) => void write(ms, { kind: 'lab', state: 'ready' }),
    start: (ms, process, pid) =>
      void write(ms, { kind: 'process', ...split(process), pid, event: 'start' }),
    exit: (ms, process, pid, how = {}) =>
      void write(ms, { kind: 'process', ...split(process), pid, event: 'exit', ...how }),
    lease: (acquiredMs, name, holder, more = {}) =>
      void write(more.seenMs ?? acquiredMs, {
        kind: 'lease',
        uid: more.uid ?? 'uid-1',
        ...fields(acquiredMs, name, holder, more),
        ...(more.deleted && { deleted: more.deleted }),
      }),
    renewal: (ms, name, holder, more = { acquiredMs: ms }) =>
      void write(ms, {
        kind: 'renewal',
        ...fields(more.acquiredMs, name, holder, { renewedMs: ms, ...more }),
      }),
    reset(ms) {
      epoch += 1
      write(ms, { kind: 'lab', state: 'resetting' })
    },
  }
}

export function stamp(ms: number): string {
  return new Date(STARTED + ms).toISOString()
}
