import { type SetupContext, defineLab } from '../../src/grading/index.ts'

const ASK_HOLDER = [
  'kubectl',
  '--namespace=kube-system',
  'get',
  'lease',
  'kube-scheduler',
  '--output=jsonpath={.spec.holderIdentity}',
]

export const lab = defineLab({
  id: 'lease-holders',
  title: 'One acts, the others wait',
  module: 'leader-election',
  minutes: 15,
  topology: { controlPlanes: 3, workers: 2, etcd: 'stacked', balancers: 1 },
  setup: moveLeaseOnceOrTwice,
  engines: ['namespaces'],
  tasks: [
    {
      id: 'scheduler-holder',
      title: 'Who holds the lease of the scheduler?',
      points: 1,
      kind: 'question',
      hints: holderHints('scheduler-holder', 'kube-scheduler'),
    },
    {
      id: 'controller-manager-holder',
      title: 'Who holds the lease of the controller manager?',
      points: 1,
      kind: 'question',
      hints: holderHints('controller-manager-holder', 'kube-controller-manager'),
    },
    {
      id: 'transitions',
      title: 'How often has the lease of the scheduler changed hands?',
      points: 1,
      kind: 'question',
      hints: {
        unanswered: [
          'The Lease object counts it. kubectl get shows only a part of an object.',
          'kubectl -n kube-system get lease kube-scheduler -o yaml: look in spec.',
          'The number is spec.leaseTransitions. Answer with: lab answer transitions NUMBER',
        ],
        'not-the-count': [
          'The count is one of the fields of the Lease. Which one grows with each new holder?',
          'spec.leaseTransitions counts the changes, not the holders: the first holder makes it 0.',
          'lab answer transitions "$(kubectl -n kube-system get lease kube-scheduler -o jsonpath={.spec.leaseTransitions})"',
        ],
        '*': ['Answer with a whole number, such as 0.'],
      },
    },
    {
      id: 'move-the-lease',
      title: "Make the scheduler's lease move without restarting a machine",
      points: 2,
      kind: 'do',
      hints: {
        'leader-not-ended': [
          'The lease moves when its holder stops renewing it. What would make the holder stop?',
          'End the scheduler process on the node that holds the lease; a node without its scheduler is no broken node.',
          'lab term NODE/kube-scheduler, with the node that the lease names.',
        ],
        'standby-ended': [
          'You ended a scheduler that was waiting. Who holds the lease?',
          'kubectl -n kube-system get lease kube-scheduler names the holder; end that one.',
          'lab term NODE/kube-scheduler, with the node that the lease names.',
        ],
        'lease-deleted': [
          'The Lease is only the record. Its holder still runs and writes it again.',
          'End the process that the lease names, not the lease.',
          'lab term NODE/kube-scheduler, with the node that the lease names.',
        ],
        'mirror-pod-deleted': [
          'A mirror Pod only shows a static Pod in the API. The kubelet runs the process from a file on the node.',
          'End the process on the node: by lab term, by ssh NODE pkill -x kube-scheduler, or by moving its manifest away.',
          'lab term NODE/kube-scheduler, with the node that the lease names.',
        ],
        'machine-lost': [
          'That cost the whole machine: an etcd member and an API server went with it.',
          'Power it on again, then end a single process.',
          'lab power-on NODE; then lab term NODE/kube-scheduler, with the node that the lease names.',
        ],
        'no-takeover-yet': [
          'The holder is gone, but its lease has not lapsed or has not been taken yet.',
          'After SIGTERM it takes up to 4 s, after SIGKILL up to 22 s.',
          'Wait, and watch: kubectl -n kube-system get lease kube-scheduler -w',
        ],
        '*': ['lab term NODE/kube-scheduler, with the node that the lease names.'],
      },
    },
  ],
})

function holderHints(task: string, lease: string): Record<string, string[]> {
  return {
    unanswered: [
      'Whoever acts has written its name into a Lease object in the namespace kube-system.',
      'kubectl -n kube-system get leases prints the holders.',
      `kubectl -n kube-system get lease ${lease}: HOLDER is node_uuid. Answer with: lab answer ${task} NODE`,
    ],
    'not-the-holder': [
      'All three run; one is named by the Lease. Did you read the right Lease?',
      `Each component has a Lease of its own name: ${lease}.`,
      `lab answer ${task} "$(kubectl -n kube-system get lease ${lease} -o jsonpath={.spec.holderIdentity})"`,
    ],
    '*': [`kubectl -n kube-system get lease ${lease}`],
  }
}

/** Drawn from the seed: a learner who counts transitions must read them, not guess 0. */
async function moveLeaseOnceOrTwice(setup: SetupContext): Promise<void> {
  const moves = 1 + setup.draw('scheduler-moves', 2)
  const restarted = new Set<string>()
  for (let move = 0; move < moves; move += 1) {
    const before = await holder(setup)
    const node = before.slice(0, before.lastIndexOf('_'))
    // A second crash of the same container would wait out the kubelet's back-off of 10 s.
    if (restarted.has(node)) return
    restarted.add(node)
    await setup.fault({ fault: 'term', target: `${node}/kube-scheduler` })
    await setup.until('another scheduler to hold the lease', async () => {
      const now = await holder(setup)
      return now !== '' && now !== before
    })
  }
}

async function holder(setup: SetupContext): Promise<string> {
  return (await setup.exec('workstation', ASK_HOLDER)).stdout.trim()
}
