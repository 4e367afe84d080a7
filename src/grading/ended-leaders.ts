/** How acting leaders ended: from who held the lease and how its process exited, seen together. */
import type { History, Run } from './history.ts'
import { type Leadership, leaderships } from './leadership.ts'

/** A process that released its lease is gone this soon after, in ms; one that merely lost it takes 10 s. */
const EXIT_AFTER_RELEASE_MS = 5_000

/** A leader that was paused with its lab gives up this soon after it goes on, in ms: its renew deadline is over. */
const EXIT_AFTER_PAUSE_MS = 15_000

/** An acting leader that ended by hand after the lab was ready, and who came next. */
export interface EndedLeader {
  readonly before: Leadership
  readonly how: 'kill' | 'release' | 'term'
  /** When it stopped acting. */
  readonly ms: number
  /** The next identity that renewed the lease at least once; null while there is none. */
  readonly next: Leadership | null
}

/** Oldest first. Ends by a node's loss of power, and deleted leases, are not among them. */
export function endedLeaders(history: History, component: string): EndedLeader[] {
  const all = leaderships(history, component)
  return all.flatMap((before, i): EndedLeader[] => {
    const how = endOf(history, before)
    if (how === null || before.to === null || before.to < (history.readyMs ?? Infinity)) return []
    const isNext = ({ holding, run }: Leadership): boolean =>
      run !== null &&
      holding.firstRenewalMs !== null &&
      holding.identity !== before.holding.identity
    return [{ before, how, ms: before.to, next: all.slice(i + 1).find(isNext) ?? null }]
  })
}

function endOf(history: History, { run, holding }: Leadership): EndedLeader['how'] | null {
  if (run?.exitMs == null || lostPower(history, run) || holding.endedBy === 'deleted') return null
  const { untilMs, endedBy } = holding
  if (endedBy === 'released' && untilMs !== null) {
    const leftBy = run.exitMs - untilMs
    return run.signal !== 'SIGKILL' && leftBy <= EXIT_AFTER_RELEASE_MS ? 'release' : null
  }
  // It must have been the holder still when it ended: who has lost the lease ends by itself.
  if (untilMs !== null && untilMs < run.exitMs) return null
  if (afterPause(history, run)) return null
  if (run.signal === 'SIGKILL') return run.by === 'kubelet' ? null : 'kill'
  return 'term'
}

/** It ended with its machine: the engine says so, or the fault lies within a second of the exit. */
export function lostPower(history: History, run: Run): boolean {
  const near = ({ ms }: { readonly ms: number }): boolean => Math.abs(ms - (run.exitMs ?? 0)) < 1000
  return (
    run.by === 'power' ||
    history
      .faults()
      .some((each) => each.fault === 'power-off' && each.target === run.node && near(each))
  )
}

/** Nobody's doing: the whole lab stood still for longer than a lease lasts. */
function afterPause(history: History, { exitMs, signal, by }: Run): boolean {
  if (signal !== null || by !== null || exitMs === null) return false
  return history.gaps('pause').some(({ to }) => to <= exitMs && exitMs - to < EXIT_AFTER_PAUSE_MS)
}
