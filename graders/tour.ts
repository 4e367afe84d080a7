import {
  type GraderContext,
  type Verdict,
  blindNow,
  defineGrader,
  fail,
  holderAt,
  lastAnswer,
  pass,
  seconds,
  unanswered,
} from '../src/grading/index.ts'

const CONTROL_PLANE = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']

export const grader = defineGrader({
  lab: 'tour',
  tasks: {
    'find-leader': findLeader,
    'use-kubectl': { mode: 'level', check: firstSteps },
    'kill-and-return': { mode: 'sequence', check: killedAndBack },
  },
})

function findLeader(context: GraderContext): Verdict {
  return lastAnswer(context, 'find-leader', ({ value, ms, evidence }) => {
    const holder = holderAt(context.history, 'kube-scheduler', ms)
    if (!holder) {
      return (
        blindNow(context, ['leases']) ??
        fail('nobody-held-it', 'When you answered, nobody held the lease. Look again.', evidence)
      )
    }
    return value === holder.node || value === holder.identity
      ? pass(`You said ${value}, and the lease said ${holder.identity}.`, [
          ...holder.evidence,
          ...evidence,
        ])
      : fail('not-the-holder', `You said ${value}; the lease named another holder then.`, evidence)
  })
}

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>
}
interface ConfigMapList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string }
  }[]
}

async function firstSteps({ query, signal }: GraderContext): Promise<Verdict> {
  const found = await query.get<ConfigMap>(
    '/api/v1/namespaces/default/configmaps/first-steps',
    signal,
  )
  if (found.ok) {
    const from = found.value.data?.['from']
    return from === 'workstation'
      ? pass('The ConfigMap first-steps is in the namespace default, with from=workstation.')
      : fail(
          'value-differs',
          `The ConfigMap first-steps is there, but its key "from" ${said(from)}.`,
        )
  }
  if (found.status !== 404) return unanswered(found)

  const all = await query.get<ConfigMapList>('/api/v1/configmaps', signal)
  if (!all.ok) return unanswered(all)
  const elsewhere = all.value.items.find(({ metadata }) => metadata.name === 'first-steps')
  return elsewhere
    ? fail(
        'other-namespace',
        `first-steps is in the namespace ${elsewhere.metadata.namespace}, not in default.`,
      )
    : fail('configmap-missing', 'There is no ConfigMap first-steps in the namespace default.')
}

function said(value: string | undefined): string {
  return value === undefined ? 'is missing' : `says ${JSON.stringify(value)}`
}

function killedAndBack(context: GraderContext): Verdict {
  const { history } = context
  const ready = history.readyMs ?? Infinity
  const runs = history.processes().filter(({ component }) => CONTROL_PLANE.includes(component))
  const ended = runs.filter(({ exitMs }) => exitMs !== null && exitMs >= ready)
  const killed = ended.filter(
    ({ signal, by }) => signal === 'SIGKILL' && by !== 'power' && by !== 'kubelet',
  )
  for (const run of killed) {
    const exit = run.exitMs ?? 0
    const next = runs.find(
      ({ node, component, startMs }) =>
        node === run.node && component === run.component && startMs !== null && startMs >= exit,
    )
    if (next?.startMs != null) {
      return pass(
        `${run.component} on ${run.node} ended by SIGKILL; the kubelet started it again ${seconds(next.startMs - exit)} s later.`,
        [...run.evidence, ...next.evidence],
      )
    }
  }
  const blind = blindNow(context, ['processes'])
  if (blind) return blind
  const waiting = killed.at(-1)
  if (waiting) {
    return fail(
      'not-back-yet',
      `${waiting.component} on ${waiting.node} was killed and has not started again yet.`,
      waiting.evidence,
    )
  }
  const off = ended.find(({ by }) => by === 'power')
  if (off) {
    return fail(
      'machine-lost',
      `${off.node} lost its power. Missing: one process killed by itself.`,
      off.evidence,
    )
  }
  const mirror = history
    .pods({ namespace: 'kube-system' })
    .find(
      ({ name, deletedMs }) =>
        deletedMs !== null && CONTROL_PLANE.some((each) => name.startsWith(each)),
    )
  if (mirror) {
    return fail(
      'mirror-pod-deleted',
      `The mirror Pod ${mirror.name} was deleted, and no process ended by it.`,
      mirror.evidence,
    )
  }
  return fail(
    'nothing-killed',
    'No process of the control plane has been killed since the lab was ready.',
  )
}
