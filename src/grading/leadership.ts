/**
 * Who acted as the leader of a component, and how each leadership ended: holders of the Lease and runs of
 * the processes, put together. An acting leader acts from the moment it acquires the lease until its process
 * exits or it releases; a dead leader holds its lease for up to 15 s more, but nobody acts.
 */
import type { History, Holding, Run, Since } from './history.ts'

export interface Leadership {
  readonly component: string
  readonly holding: Holding
  /** The process that held the lease; null where the recorder did not see it start. */
  readonly run: Run | null
  readonly from: number
  /** When it stopped acting, in ms; null while it acts. */
  readonly to: number | null
  readonly evidence: readonly number[]
}

/** A time when nobody acted: from the end of one acting leader until another identity acquired the lease. */
export interface Vacancy {
  readonly before: Leadership
  /** Null while there is none. */
  readonly next: Leadership | null
  readonly from: number
  /** `Infinity` while it lasts. */
  readonly to: number
  readonly evidence: readonly number[]
}

/** Oldest first. The Lease of the control plane's components has the component's name. */
export function leaderships(history: History, component: string, since?: Since): Leadership[] {
  const runs = history.processes({ component, since })
  return history.leases(component, { since }).map((holding) => {
    const run = runOf(holding, runs)
    const released = holding.endedBy === 'released' ? holding.untilMs : null
    const ends = [run?.exitMs ?? null, released].filter((ms) => ms !== null)
    const unknownEnd = run === null ? holding.untilMs : null
    return {
      component,
      holding,
      run,
      from: holding.acquiredMs,
      to: ends.length > 0 ? Math.min(...ends) : unknownEnd,
      evidence: [...holding.evidence, ...(run?.evidence ?? [])].sort((a, b) => a - b),
    }
  })
}

/** Who acts at `ms`; null when nobody does. */
export function actingAt(history: History, component: string, ms: number): Leadership | null {
  const acting = leaderships(history, component).filter(
    ({ from, to }) => from <= ms && (to ?? Infinity) > ms,
  )
  return acting.at(-1) ?? null
}

/** Who holds the lease at `ms`, dead or alive; null when it is released or deleted. */
export function holderAt(history: History, lease: string, ms: number): Holding | null {
  return (
    history
      .leases(lease)
      .find(({ acquiredMs, untilMs }) => acquiredMs <= ms && (untilMs ?? Infinity) > ms) ?? null
  )
}

/** Oldest first. A holder that is no process of the component, such as a name written by hand, does not act. */
export function vacancies(history: History, component: string): Vacancy[] {
  const all = leaderships(history, component)
  return all.flatMap((before, i): Vacancy[] => {
    if (before.run === null || before.to === null) return []
    const next = all.slice(i + 1).find(({ run }) => run !== null) ?? null
    const to = next?.from ?? Infinity
    const evidence = [...new Set([...before.evidence, ...(next?.holding.evidence ?? [])])]
    return to > before.to ? [{ before, next, from: before.to, to, evidence }] : []
  })
}

/** The process that was running on the holder's node when it acquired the lease. */
function runOf(holding: Holding, runs: readonly Run[]): Run | null {
  return (
    runs.find(
      ({ node, startMs, exitMs }) =>
        node === holding.node &&
        (startMs ?? -Infinity) <= holding.acquiredMs &&
        (exitMs ?? Infinity) > holding.acquiredMs,
    ) ?? null
  )
}
