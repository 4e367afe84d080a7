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
      check: (context) => leaderEnded(context, 'kube-controller-manager', 'kill'),
    },
    'work-resumes': { mode: 'sequence', check: workResumes },
    'saved-seconds': savedSeconds,
  },
})

interface Deployment {
  readonly metadata: {
    readonly managedFields?: readonly { readonly time?: string; readonly fieldsV1?: object }[]
  }
}

/** Scaled between the end of one acting controller manager and the start of the next; Pods only after it. */
async function workResumes(context: GraderContext): Promise<Verdict> {
  const { history, query, signal } = context
  const found = await query.get<Deployment>(DEPLOYMENT, signal)
  if (!found.ok) {
    return found.status === 404
      ? fail('deployment-missing', 'There is no Deployment web in the namespace default.')
      : unanswered(found)
  }
  const stamp = scaledAt(found.value)
  const scaled = stamp === null ? -Infinity : history.msOf(stamp)
  if (scaled + STAMP_MS <= (history.readyMs ?? Infinity)) {
    return fail('not-scaled', 'Nobody has scaled the Deployment web since the lab was ready.')
  }
  const vacancy = vacancies(history, 'kube-controller-manager').find(
    ({ from, to }) => scaled + STAMP_MS > from && scaled <= to,
  )
  if (!vacancy) return scaledWhileActing(stamp, [])
  return vacancy.next ? podsAfter(context, vacancy, scaled) : waiting(context, vacancy.evidence)
}

function scaledWhileActing(stamp: string | null, evidence: readonly number[]): Verdict {
  const message = `The Deployment web was scaled at ${stamp}, while a controller manager was acting. Missing: a time when nobody acted.`
  return fail('scaled-while-acting', message, evidence)
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

function podsAfter(context: GraderContext, vacancy: Vacancy, scaled: number): Verdict {
  const { history } = context
  const { from, to, next, evidence } = vacancy
  if (scaled + STAMP_MS > to) {
    return fail('scaled-too-late', 'web was scaled in the very second of the takeover.', evidence)
  }
  const pods = history.pods({ namespace: 'default', owner: 'ReplicaSet/web-' })
  const early = pods.filter(({ firstSeenMs }) => firstSeenMs >= scaled && firstSeenMs < to)
  if (early.length > 0) return scaledWhileActing(early[0]?.created ?? null, linesOf(early))

  // Seen after the takeover, and not merely seen late.
  const made = pods.filter(
    ({ firstSeenMs, created }) => firstSeenMs >= to && history.msOf(created) + STAMP_MS >= to,
  )
  const first = made[0]
  if (first) {
    return pass(
      `Nobody acted as controller manager for ${seconds(to - from)} s. web was scaled meanwhile, and its ${made.length} new Pods came ${seconds(first.firstSeenMs - to)} s after the takeover by ${next?.holding.node}.`,
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

/** When `spec.replicas` was last set: the API server stamps the owner of each field. */
function scaledAt({ metadata }: Deployment): string | null {
  const owners = (metadata.managedFields ?? []).filter(({ fieldsV1 }) => ownsReplicas(fieldsV1))
  return (
    owners
      .map(({ time }) => time ?? '')
      .sort()
      .at(-1) ?? null
  )
}

function ownsReplicas(fields: object | undefined): boolean {
  const spec: unknown = fields && 'f:spec' in fields ? fields['f:spec'] : undefined
  return typeof spec === 'object' && spec !== null && 'f:replicas' in spec
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
