import {
  type GraderContext,
  type PodLife,
  type Vacancy,
  type Verdict,
  blindNow,
  defineGrader,
  endedLeaders,
  fail,
  lastAnswer,
  leaderEnded,
  pass,
  seconds,
  unanswered,
  vacancies,
} from '../src/grading/index.ts'

const MANAGER = 'kube-controller-manager'
const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/web'
/** Kubernetes' time stamps are whole seconds: what happened lies in the second that follows one. */
const STAMP_MS = 1000
/** A controller manager makes a Deployment's Pods well within this, in ms, once it acts. */
const PODS_AFTER_TAKEOVER_MS = 15_000
/** How far from the measured difference an answer may lie, in seconds: it is read off by eye. */
const TOLERANCE_SECONDS = 2

export const grader = defineGrader({
  lab: 'failover-timing',
  tasks: {
    'kill-scheduler': {
      mode: 'sequence',
      check: (context) => leaderEnded(context, 'kube-scheduler', 'kill'),
    },
    'term-scheduler': {
      mode: 'sequence',
      check: (context) => leaderEnded(context, 'kube-scheduler', 'release'),
    },
    'kill-controller-manager': {
      mode: 'sequence',
      check: (context) => leaderEnded(context, MANAGER, 'kill'),
    },
    'work-resumes': { mode: 'sequence', check: workResumes },
    'saved-seconds': savedSeconds,
  },
})

interface Deployment {
  readonly metadata: { readonly generation: number }
  readonly spec: { readonly replicas?: number }
  readonly status?: { readonly observedGeneration?: number; readonly replicas?: number }
}

/**
 * Scaled while nobody acted, and Pods only after the takeover. Kubernetes keeps no time of a scaling (the
 * scale subresource writes none), so it has to be seen while it waits: as a wish that nobody has observed.
 */
async function workResumes(context: GraderContext): Promise<Verdict> {
  const { history, query, signal, sightings } = context
  const asked = context.now()
  const found = await query.get<Deployment>(DEPLOYMENT, signal)
  if (!found.ok) {
    return found.status === 404
      ? fail('deployment-missing', 'There is no Deployment web in the namespace default.')
      : unanswered(found)
  }
  const empty = vacancies(history, MANAGER)
  const open = empty.find(({ from, to }) => from <= asked && to === Infinity)
  if (open && waitsForScaleUp(found.value)) {
    const key = sightingOf(open)
    if (!sightings.has(key)) sightings.set(key, { from: asked, to: context.now() })
  }
  const stopped = empty.findLast((vacancy) => {
    const seen = sightings.get(sightingOf(vacancy))
    return seen !== undefined && seen.to <= vacancy.to
  })
  if (stopped) return podsAfter(context, stopped, sightings.get(sightingOf(stopped))?.from ?? asked)

  return found.value.metadata.generation > 1
    ? fail(
        'scaled-while-acting',
        'The Deployment web was changed, but not seen to wait for a controller manager. Missing: a scaling up while nobody acts.',
      )
    : fail('not-scaled', 'Nobody has scaled the Deployment web since the lab was ready.')
}

function sightingOf({ from }: Vacancy): string {
  return `scale-up waits since ${from}`
}

/** The API has taken a wish for more Pods, and no controller has looked at it yet. */
function waitsForScaleUp({ metadata, spec, status }: Deployment): boolean {
  const observed = status?.observedGeneration ?? 0
  return (
    metadata.generation > observed && observed > 0 && (spec.replicas ?? 1) > (status?.replicas ?? 0)
  )
}

function waiting(context: GraderContext, evidence: readonly number[]): Verdict {
  return (
    blindNow(context, ['leases', 'pods']) ??
    fail(
      'waiting-for-takeover',
      'You scaled web while nobody acts as controller manager. The API took it; its Pods must wait for the next leader.',
      evidence,
    )
  )
}

function podsAfter(context: GraderContext, vacancy: Vacancy, seenMs: number): Verdict {
  const { history } = context
  const { from, to, next, evidence } = vacancy
  if (!next) return waiting(context, evidence)
  const pods = history.pods({ namespace: 'default', owner: 'ReplicaSet/web-' })
  const early = pods.filter(({ firstSeenMs }) => firstSeenMs >= seenMs && firstSeenMs < to)
  if (early.length > 0) {
    return fail(
      'pods-came-early',
      `${early.length} Pods of web appeared before the next controller manager acted.`,
      linesOf(early),
    )
  }
  // Seen after the takeover, and not merely seen late.
  const made = pods.filter(
    ({ firstSeenMs, created }) => firstSeenMs >= to && history.msOf(created) + STAMP_MS >= to,
  )
  const first = made[0]
  if (first) {
    return pass(
      `Nobody acted as controller manager for ${seconds(to - from)} s. web was scaled meanwhile, and its ${made.length} new Pods came ${seconds(first.firstSeenMs - to)} s after the takeover by ${next.holding.node}.`,
      [...new Set([...evidence, ...linesOf(made)])],
    )
  }
  const blind = blindNow(context, ['pods'])
  if (blind) return blind
  return context.now() - to < PODS_AFTER_TAKEOVER_MS
    ? waiting(context, evidence)
    : fail(
        'no-new-pods',
        'Another controller manager acts, and no new Pod of web appeared.',
        evidence,
      )
}

function linesOf(pods: readonly PodLife[]): number[] {
  return pods.flatMap(({ evidence }) => evidence.slice(0, 1))
}

/** The answer may be off by what the eye reads off a timeline. Any pair measured before it counts. */
function savedSeconds(context: GraderContext): Verdict {
  return lastAnswer(context, 'saved-seconds', ({ value, ms, evidence }) => {
    const answer = Number(value.replace(/\s*s(ec(onds)?)?$/, '').replace(',', '.'))
    if (value === '' || Number.isNaN(answer)) {
      return fail('not-a-number', `"${value}" is no number of seconds.`, evidence)
    }
    const measured = endedLeaders(context.history, 'kube-scheduler').flatMap(
      ({ how, ms: end, next }) =>
        next && next.from <= ms
          ? [{ how, seconds: (next.from - end) / 1000, lines: next.evidence }]
          : [],
    )
    const kills = measured.filter(({ how }) => how === 'kill')
    const releases = measured.filter(({ how }) => how === 'release')
    if (kills.length === 0 || releases.length === 0) {
      const missing = kills.length === 0 ? 'SIGKILL' : 'SIGTERM'
      return fail(
        'not-measured-yet',
        `When you answered, no failover of the scheduler after ${missing} had been measured.`,
        evidence,
      )
    }
    for (const kill of kills) {
      for (const release of releases) {
        const saved = kill.seconds - release.seconds
        if (Math.abs(saved - answer) <= TOLERANCE_SECONDS) {
          return pass(
            `${kill.seconds.toFixed(1)} s after SIGKILL, ${release.seconds.toFixed(1)} s after SIGTERM: ${saved.toFixed(1)} s saved, and you said ${value}.`,
            [...kill.lines, ...release.lines, ...evidence],
          )
        }
      }
    }
    return fail(
      'not-the-difference',
      `You said ${value}; what was measured in this lab differs by more than ${TOLERANCE_SECONDS} s.`,
      evidence,
    )
  })
}
