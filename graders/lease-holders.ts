import {
  type GraderContext,
  type Verdict,
  blindNow,
  defineGrader,
  fail,
  holderAt,
  lastAnswer,
  leaderEnded,
  pass,
} from '../src/grading/index.ts'

export const grader = defineGrader({
  lab: 'lease-holders',
  tasks: {
    'scheduler-holder': (context) => holderNamed(context, 'scheduler-holder', 'kube-scheduler'),
    'controller-manager-holder': (context) =>
      holderNamed(context, 'controller-manager-holder', 'kube-controller-manager'),
    transitions,
    'move-the-lease': {
      mode: 'sequence',
      check: (context) => leaderEnded(context, 'kube-scheduler', 'any'),
    },
  },
})

/** Right is who held the lease when the answer was given, by node or by the whole identity. */
function holderNamed(context: GraderContext, task: string, lease: string): Verdict {
  return lastAnswer(context, task, ({ value, ms, evidence }) => {
    const holder = holderAt(context.history, lease, ms)
    if (!holder) {
      return (
        blindNow(context, ['leases']) ??
        fail('nobody-held-it', `Nobody held the lease ${lease} when you answered.`, evidence)
      )
    }
    return value === holder.node || value === holder.identity
      ? pass(`You said ${value}; the lease ${lease} said ${holder.identity}.`, [
          ...holder.evidence,
          ...evidence,
        ])
      : fail(
          'not-the-holder',
          `You said ${value}; the lease ${lease} named another holder then.`,
          evidence,
        )
  })
}

function transitions(context: GraderContext): Verdict {
  return lastAnswer(context, 'transitions', ({ value, ms, evidence }) => {
    if (!/^\d+$/.test(value)) {
      return fail('not-a-number', `"${value}" is no whole number.`, evidence)
    }
    const held = context.history
      .leases('kube-scheduler')
      .filter(({ acquiredMs }) => acquiredMs <= ms)
    const last = held.at(-1)
    if (!last)
      return blindNow(context, ['leases']) ?? fail('no-lease', 'There was no lease then.', evidence)
    return Number(value) === last.transitions
      ? pass(`The lease counts ${last.transitions}, and you said so.`, [
          ...last.evidence,
          ...evidence,
        ])
      : fail('not-the-count', `You said ${value}; the lease counted otherwise then.`, evidence)
  })
}
