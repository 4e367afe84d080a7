/**
 * Did the learner end the acting leader, in the way that was asked for, and did another identity take over?
 * If not: what else was done that looks alike, the newest first.
 */
import { blindNow } from './blindness.ts'
import type { GraderContext } from './grader.ts'
import { type EndedLeader, endedLeaders, lostPower } from './ended-leaders.ts'
import type { History, Run } from './history.ts'
import { type Leadership, leaderships } from './leadership.ts'
import { seconds } from './temporal.ts'
import { type Verdict, fail, pass } from './verdict.ts'

/** `kill`: SIGKILL, the lease must lapse; `release`: a clean end that gives the lease up; `any`: either. */
export type LeaderEnd = 'kill' | 'release' | 'any'

/** Seconds without a leader that client-go's timing gives with two standbys and the default timers. */
const EXPECTED = { kill: '13-22 s', release: '0-4 s' } as const

/**
 * Passes with the seconds for which nobody acted. Reason codes: `no-takeover-yet`, `leader-not-ended`,
 * `standby-ended`, `ended-by-term`, `ended-by-kill`, `lease-deleted`, `mirror-pod-deleted`, `machine-lost`.
 */
export function leaderEnded(context: GraderContext, component: string, wanted: LeaderEnd): Verdict {
  const { history } = context
  const ended = endedLeaders(history, component)
  const asked = ended.filter(({ how }) => (wanted === 'any' ? true : how === wanted))
  const done = asked.find(({ next }) => next !== null)
  if (done?.next) return passed(context, component, done, done.next)

  const blind = blindNow(context, ['leases', 'processes'])
  if (blind) return blind
  const waiting = asked.at(-1)
  if (waiting && waiting.before.holding.endedBy !== 'deleted') {
    return noTakeoverYet(component, waiting, context.now())
  }
  const newest = lookAlikes(history, component, ended).sort((a, b) => b.ms - a.ms)[0]
  return newest?.verdict ?? notEnded(history, component)
}

function passed(
  { spec }: GraderContext,
  component: string,
  ended: EndedLeader,
  next: Leadership,
): Verdict {
  const { before, how, ms } = ended
  const took = seconds(next.from - ms)
  const same = next.holding.node === before.holding.node
  const who = same ? `${short(next)}, the restarted process of the same node,` : short(next)
  const compare = how === 'term' || spec.timers ? '' : ` (expected: ${EXPECTED[how]})`
  const end = how === 'release' ? 'released its lease and ended' : howItEnded(before.run)
  return pass(
    `The acting ${component}, ${short(before)}, ${end}; ${took} s later ${who} acquired the lease${compare}.`,
    [...new Set([...before.evidence, ...next.holding.evidence])],
  )
}

function noTakeoverYet(component: string, { before, ms, how }: EndedLeader, now: number): Verdict {
  const since = seconds(Math.max(0, now - ms))
  const rest =
    how === 'release'
      ? 'Its lease is free; the others look every 2 to 4.4 s.'
      : `Its lease must lapse first, ${before.holding.durationSeconds} s after the others saw its last renewal.`
  return fail(
    'no-takeover-yet',
    `The acting ${component} on ${before.holding.node} ended ${since} s ago. ${rest} Missing: another identity that has acquired the lease and renewed it once.`,
    before.evidence,
  )
}

interface LookAlike {
  readonly ms: number
  readonly verdict: Verdict
}

function lookAlikes(
  history: History,
  component: string,
  ended: readonly EndedLeader[],
): LookAlike[] {
  const from = history.readyMs ?? Infinity
  const isLeader = (run: Run): boolean =>
    leaderships(history, component).some((each) => each.run === run)
  const found: LookAlike[] = ended.map(({ how, ms, before }) => ({
    ms,
    verdict: otherWay(component, how, before),
  }))

  for (const run of history.processes({ component })) {
    if (run.exitMs === null || run.exitMs < from) continue
    if (lostPower(history, run))
      found.push({ ms: run.exitMs, verdict: machineLost(component, run) })
    else if (!isLeader(run)) found.push({ ms: run.exitMs, verdict: standbyEnded(component, run) })
  }
  for (const { untilMs, endedBy, evidence } of history.leases(component)) {
    if (endedBy !== 'deleted' || untilMs === null || untilMs < from) continue
    const message = `The Lease ${component} was deleted. The leader's process went on: this takes away the record of who leads, not the leader.`
    found.push({ ms: untilMs, verdict: fail('lease-deleted', message, evidence.slice(-1)) })
  }
  for (const pod of history.pods({ namespace: 'kube-system' })) {
    if (!pod.name.startsWith(`${component}-`) || pod.deletedMs === null || pod.deletedMs < from)
      continue
    const message = `The mirror Pod ${pod.name} was deleted. It only shows the static Pod in the API: the process went on, and the kubelet made the mirror Pod again.`
    found.push({
      ms: pod.deletedMs,
      verdict: fail('mirror-pod-deleted', message, pod.evidence.slice(-1)),
    })
  }
  return found
}

function otherWay(component: string, how: EndedLeader['how'], before: Leadership): Verdict {
  const { node } = before.holding
  return how === 'kill'
    ? fail(
        'ended-by-kill',
        `The acting ${component} on ${node} ended by SIGKILL, so it could not release its lease. Missing: a clean end, by SIGTERM.`,
        before.evidence,
      )
    : fail(
        'ended-by-term',
        `The acting ${component} on ${node} ${howItEnded(before.run)}. Missing: a crash, by SIGKILL.`,
        before.evidence,
      )
}

function machineLost(component: string, run: Run): Verdict {
  return fail(
    'machine-lost',
    `${run.node} lost its power, and ${component} with it. Asked for is the end of one process on a machine that goes on.`,
    run.evidence,
  )
}

function standbyEnded(component: string, run: Run): Verdict {
  return fail(
    'standby-ended',
    `The ${component} on ${run.node} ended, but it was a standby: it did not hold the lease, so nothing moved.`,
    run.evidence,
  )
}

function notEnded(history: History, component: string): Verdict {
  const holder = leaderships(history, component).at(-1)
  const seen = holder ? `${short(holder)} has led since the lab was ready` : 'No leader was seen'
  return fail(
    'leader-not-ended',
    `${seen}. Missing: the end of the acting ${component}.`,
    holder?.evidence,
  )
}

function howItEnded(run: Run | null): string {
  if (run?.signal) return `ended by ${run.signal}`
  const status = `exit ${run?.code ?? '?'}`
  return run?.by ? `ended by SIGTERM (${status})` : `ended by itself or by SIGTERM (${status})`
}

/** Node and the beginning of the uuid: enough to tell identities apart. */
function short({ holding }: Leadership): string {
  return holding.identity.slice(0, holding.node.length + 9)
}
