import { defineLab } from '../../src/grading/index.ts'

export const lab = defineLab({
  id: 'tour',
  title: 'A tour of the lab',
  module: 'start',
  minutes: 10,
  topology: { controlPlanes: 3, workers: 2, etcd: 'stacked', balancers: 1 },
  setup: async () => {},
  engines: ['namespaces'],
  tasks: [
    {
      id: 'find-leader',
      title: 'On which node does the scheduler hold its lease?',
      points: 1,
      kind: 'question',
      hints: {
        unanswered: [
          'The map shows one scheduler with the words "holds lease"; the other two are standbys.',
          'The cluster says the same: kubectl -n kube-system get lease kube-scheduler',
          'The holder is the name before the underscore. Answer with that node: lab answer find-leader NODE',
        ],
        'not-the-holder': [
          'Each of the three control plane nodes runs a scheduler. Which one does the Lease name?',
          'kubectl -n kube-system get lease kube-scheduler prints it under HOLDER.',
          'lab answer find-leader "$(kubectl -n kube-system get lease kube-scheduler -o jsonpath={.spec.holderIdentity})"',
        ],
        '*': ['Answer with the name of a node, such as the map shows them.'],
      },
    },
    {
      id: 'use-kubectl',
      title: 'Create the ConfigMap first-steps in the namespace default, with from=workstation',
      points: 1,
      kind: 'do',
      hints: {
        'configmap-missing': [
          'The terminal "workstation" has kubectl and the credentials for it.',
          'kubectl create configmap takes keys and values with --from-literal.',
          'kubectl create configmap first-steps --from-literal=from=workstation',
        ],
        'other-namespace': [
          'A ConfigMap belongs to one namespace, and yours is in another one.',
          'Without -n, kubectl works in the namespace default.',
          'kubectl -n default create configmap first-steps --from-literal=from=workstation',
        ],
        'value-differs': [
          'Look at what you stored: kubectl get configmap first-steps -o yaml',
          'It needs the key "from" with the value "workstation", exactly.',
          `kubectl patch configmap first-steps --type merge -p '{"data":{"from":"workstation"}}'`,
        ],
        '*': [
          'Wait until the API answers again, then look: kubectl get configmap first-steps -o yaml',
        ],
      },
    },
    {
      id: 'kill-and-return',
      title: 'Kill one process of the control plane, and see it come back',
      points: 1,
      kind: 'do',
      hints: {
        'nothing-killed': [
          'On the map, open a component of cp-1, cp-2 or cp-3: its faults are buttons.',
          'From the workstation: lab kill cp-2/kube-scheduler',
          'lab kill cp-2/kube-scheduler, then watch the map: the kubelet starts it again at once.',
        ],
        'machine-lost': [
          'You switched a whole machine off. The task is about one process on a machine that goes on.',
          'Bring it back with lab power-on NODE, then kill a single component.',
          'lab kill cp-2/kube-scheduler',
        ],
        'mirror-pod-deleted': [
          'What you deleted is a picture of the process in the API, not the process.',
          'Act on the node: the map, lab kill, or ssh to it.',
          'lab kill cp-2/kube-scheduler',
        ],
        'not-back-yet': [
          'The kubelet restarts what the static Pod manifests on its node name.',
          'After several crashes it waits longer each time: 10 s, 20 s, up to 5 minutes.',
          'Wait for it, or kill a component of another node.',
        ],
        '*': ['lab kill cp-2/kube-scheduler'],
      },
    },
  ],
})
