import { PORTS, VERSIONS } from '../cluster/facts.ts'
import type { Node } from '../engines/types.ts'
import type { KubeNode, KubeNodeCondition } from '../kube/index.ts'
import { seconds } from './pod-status.ts'

/** What a node tells about its machine. */
export interface NodeFacts {
  readonly cpus: number
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly kernelVersion: string
  readonly osImage: string
  /** Go's name: `amd64`, `arm64`. */
  readonly architecture: string
  readonly bootId: string
  /** Labels beyond those that every kubelet sets. */
  readonly labels: Readonly<Record<string, string>>
}

export const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane'
const KUBELET_VERSION = `v${VERSIONS.kubernetes}`
const MAX_PODS = '110'

type Machine = Pick<Node, 'name' | 'role' | 'address' | 'podCidr'>

/** The Node as a kubelet registers it: control planes with their taint, as kubeadm's configuration has it. */
export function nodeObject(machine: Machine, facts: NodeFacts, now: Date): KubeNode {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: machine.name,
      labels: {
        'kubernetes.io/hostname': machine.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': facts.architecture,
        'beta.kubernetes.io/os': 'linux',
        'beta.kubernetes.io/arch': facts.architecture,
        ...facts.labels,
      },
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: {
      podCIDR: machine.podCidr,
      podCIDRs: [machine.podCidr],
      ...(machine.role === 'control-plane' && {
        taints: [{ key: CONTROL_PLANE_LABEL, effect: 'NoSchedule' }],
      }),
    },
    status: nodeStatus(machine, facts, [], now),
  }
}

/** `previous`: the conditions that the API holds; those that did not change keep their transition time. */
export function nodeStatus(
  machine: Machine,
  facts: NodeFacts,
  previous: readonly KubeNodeCondition[],
  now: Date,
): NonNullable<KubeNode['status']> {
  const resources = {
    cpu: String(facts.cpus),
    memory: `${Math.floor(facts.memoryBytes / 1024)}Ki`,
    'ephemeral-storage': `${Math.floor(facts.diskBytes / 1024)}Ki`,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    pods: MAX_PODS,
  }
  return {
    capacity: resources,
    allocatable: resources,
    conditions: conditions(previous, now),
    addresses: [
      { type: 'InternalIP', address: machine.address },
      { type: 'Hostname', address: machine.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: PORTS.kubelet } },
    nodeInfo: {
      machineID: machine.name,
      systemUUID: machine.name,
      bootID: facts.bootId,
      kernelVersion: facts.kernelVersion,
      osImage: facts.osImage,
      containerRuntimeVersion: 'halab://1',
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: facts.architecture,
    },
  }
}

const CONDITIONS: readonly (readonly [string, string, string, string])[] = [
  [
    'MemoryPressure',
    'False',
    'KubeletHasSufficientMemory',
    'kubelet has sufficient memory available',
  ],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
]

function conditions(previous: readonly KubeNodeCondition[], now: Date): KubeNodeCondition[] {
  return CONDITIONS.map(([type, status, reason, message]) => {
    const old = previous.find((condition) => condition.type === type)
    const kept = old?.status === status ? old.lastTransitionTime : undefined
    return {
      type,
      status,
      reason,
      message,
      lastHeartbeatTime: seconds(now),
      lastTransitionTime: kept ?? seconds(now),
    }
  })
}

/** Whether what the API holds differs in more than heartbeats from what should be there. */
export function statusDiffers(held: KubeNode['status'], wanted: KubeNode['status']): boolean {
  return fingerprint(held) !== fingerprint(wanted)
}

function fingerprint(status: KubeNode['status']): string {
  const own = new Map(CONDITIONS.map(([type], index) => [type, index]))
  const held = (status?.conditions ?? [])
    .filter(({ type }) => own.has(type))
    .map(({ type, status: holds, reason }) => `${type}=${holds}/${reason}`)
    .sort()
  const addresses = (status?.addresses ?? []).map(({ type, address }) => `${type}=${address}`)
  return JSON.stringify([held, addresses, status?.capacity?.['cpu'], status?.nodeInfo?.bootID])
}
