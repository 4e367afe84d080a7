import { type SetupContext, defineLab } from '../../src/grading/index.ts'

export const lab = defineLab({
  id: 'failover-timing',
  title: 'Failover, measured',
  module: 'leader-election',
  minutes: 20,
  topology: { controlPlanes: 3, workers: 2, etcd: 'stacked', balancers: 1 },
  setup: (setup: SetupContext) => setup.apply('web.yaml'),
  engines: ['namespaces'],
  tasks: [
    {
      id: 'kill-scheduler',
      title: 'Kill the acting scheduler with SIGKILL, until another identity leads',
      points: 1,
      kind: 'do',
      hints: endHints('kube-scheduler', 'kill', {
        'ended-by-term': [
          'That scheduler could say goodbye: it released its lease. Here it must not get the chance.',
          'SIGKILL cannot be caught. Which of the faults on the map sends it?',
          'lab kill NODE/kube-scheduler, with the node that the lease names now.',
        ],
      }),
    },
    {
      id: 'term-scheduler',
      title: 'End the acting scheduler with SIGTERM, and see it release its lease',
      points: 1,
      kind: 'do',
      hints: endHints('kube-scheduler', 'term', {
        'ended-by-kill': [
          'A killed process cannot release anything. This one must be asked to end.',
          'SIGTERM asks. It is what the kubelet sends when it stops a container.',
          'lab term NODE/kube-scheduler, with the node that the lease names now.',
        ],
      }),
    },
    {
      id: 'kill-controller-manager',
      title: 'Kill the acting controller manager with SIGKILL, until another identity leads',
      points: 1,
      kind: 'do',
      hints: endHints('kube-controller-manager', 'kill', {
        'ended-by-term': [
          'That was SIGTERM. This task is about a crash.',
          'SIGKILL cannot be caught. Which of the faults on the map sends it?',
          'lab kill NODE/kube-controller-manager, with the node that the lease names now.',
        ],
      }),
    },
    {
      id: 'work-resumes',
      title: 'Scale the Deployment web up while nobody acts as controller manager',
      points: 2,
      kind: 'do',
      hints: {
        'not-scaled': [
          'The API servers take your wish at any time. Who makes Pods of it?',
          'Kill the acting controller manager, and scale web before another one takes over.',
          'lab kill NODE/kube-controller-manager && kubectl scale deployment web --replicas=5',
        ],
        'scaled-while-acting': [
          'If your Pods came at once, a controller manager was acting when you scaled.',
          'First the kill, then the scaling, and both within ten seconds.',
          'lab kill NODE/kube-controller-manager && kubectl scale deployment web --replicas=8',
        ],
        'waiting-for-takeover': [
          'Your wish is stored in etcd. Look at READY: kubectl get deployment web',
          'Nobody acts on it before the lease has lapsed: 13 to 22 s after the kill.',
          'Wait, and watch: kubectl get pods -w',
        ],
        'no-new-pods': [
          'A controller manager acts again, and no new Pod came. Did you scale up, or down?',
          'Compare: kubectl get deployment web',
          'Kill the acting controller manager once more and scale to a higher number.',
        ],
        'deployment-missing': [
          'The Deployment web is gone: was it deleted?',
          'lab reset brings back the lab as it was.',
        ],
        '*': ['lab kill NODE/kube-controller-manager && kubectl scale deployment web --replicas=5'],
      },
    },
    {
      id: 'saved-seconds',
      title: 'By how many seconds was SIGTERM cheaper than SIGKILL for the scheduler?',
      points: 1,
      kind: 'question',
      hints: {
        unanswered: [
          'Measure both first. The verdicts of the first two tasks tell how long nobody acted.',
          'Seconds after SIGKILL minus seconds after SIGTERM.',
          'lab answer saved-seconds NUMBER, for example 14.2',
        ],
        'not-measured-yet': [
          'One of the two has not happened in this lab yet.',
          'Do the tasks with SIGKILL and SIGTERM first.',
          'When both have passed, subtract the seconds in their verdicts.',
        ],
        'not-the-difference': [
          'Compare with what the verdicts of the first two tasks say.',
          'Only the time without a leader counts: from the end of the one to the acquisition by the next.',
          'Seconds after SIGKILL minus seconds after SIGTERM, as the verdicts tell them.',
        ],
        '*': ['Answer with a number of seconds, such as 14.2.'],
      },
    },
  ],
})

function endHints(
  component: 'kube-scheduler' | 'kube-controller-manager',
  fault: 'kill' | 'term',
  own: Record<string, string[]>,
): Record<string, string[]> {
  const solution = `lab ${fault} NODE/${component}, with the node that the lease names now.`
  const ask = `kubectl -n kube-system get lease ${component} names the holder.`
  return {
    'leader-not-ended': ['Which of the three acts? Find out first.', ask, solution],
    'standby-ended': ['The process that you ended was waiting, not acting.', ask, solution],
    'lease-deleted': [
      'The Lease is the record of who leads. The leader itself went on.',
      'End the process that the lease names, and leave the lease alone.',
      solution,
    ],
    'mirror-pod-deleted': [
      'A static Pod belongs to its kubelet. What you deleted in the API was its mirror.',
      'Signal the process on its node: from the map, by lab, or by ssh.',
      solution,
    ],
    'machine-lost': [
      'A machine without power is another experiment: its API server and etcd member died too.',
      'lab power-on NODE, wait until it is back, then signal one process.',
      solution,
    ],
    'no-takeover-yet': [
      'Nobody tells the others. They watch the lease and wait until it lapses.',
      'From SIGKILL it takes 13 to 22 s; a released lease is taken within 4 s.',
      `Wait, and watch: kubectl -n kube-system get lease ${component} -w`,
    ],
    ...own,
    '*': [solution],
  }
}
