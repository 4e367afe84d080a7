/**
 * The map of a lab, reduced from its evidence: the one truth that the page draws. Pure; any line in any
 * order is taken. A line that changes nothing gives back the same object.
 *
 * Of faults it takes: `power-off`, `freeze` and `unplug` last from their `begin` until their `end`, or
 * until the opposite fault (`power-on`, `thaw`, `plug`) begins; `kill` and `term` show by the process's exit.
 */
import type {
  BalancerObservation,
  Evidence,
  EvidenceHead,
  LeaseObservation,
  PodObservation,
  RenewalObservation,
} from '../wire/evidence.ts'
import type { NodeRole, NodeSummary } from '../wire/lab.ts'
import type {
  MapBalancer,
  MapComponent,
  MapLease,
  MapNode,
  MapPod,
  MapState,
} from '../wire/state.ts'
import { reduceApi, reduceEtcd } from './map-probes.ts'
import { reduceFault } from './map-faults.ts'
import { reduceProcess } from './map-processes.ts'
import { onNode, patch } from './map-change.ts'
import { withLeaders, withPossibleFaults, withQuorum, withRotation } from './map-derived.ts'

const CONTROL_PLANE = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

/** The map before anything was observed. */
export function initialMap(nodes: readonly NodeSummary[]): MapState {
  const stacked = !nodes.some(({ role }) => role === 'etcd')
  const servers = nodes
    .filter(({ role }) => role === 'control-plane')
    .map(({ name }) => ({ name, up: null }))
  const state: MapState = {
    ms: 0,
    epoch: 0,
    lab: 'booting',
    writes: { ok: null, tookMs: null },
    balancers: nodes
      .filter(({ role }) => role === 'load-balancer')
      .map(({ name }): MapBalancer => ({ name, active: false, servers })),
    nodes: nodes.map(({ name, role, address }): MapNode => ({
      name,
      role,
      address,
      power: 'on',
      unplugged: [],
      ready: null,
      components: componentsOf(role, stacked).map(notSeen),
      pods: [],
      faults: [],
    })),
    leases: [],
    quorum: null,
  }
  return derive(state)
}

/** The map after `line`. */
export function reduceMap(state: MapState, line: Evidence): MapState {
  if (line.epoch < state.epoch) return state
  const current =
    line.epoch > state.epoch ? { ...initialMap(state.nodes), epoch: line.epoch } : state
  const next = derive(reduceLine(current, line))
  return next === state ? state : { ...next, ms: line.ms }
}

function reduceLine(state: MapState, line: Evidence): MapState {
  switch (line.kind) {
    case 'lab':
      return patch(state, { lab: line.state })
    case 'api':
      return reduceApi(state, line)
    case 'etcd':
      return reduceEtcd(state, line)
    case 'process':
      return reduceProcess(state, line)
    case 'fault':
      return reduceFault(state, line)
    case 'lease':
    case 'renewal':
      return isElection(line) ? reduceLease(state, line) : state
    case 'balancer':
      return reduceBalancer(state, line)
    case 'node':
      return onNode(state, line.name, (node) => patch(node, { ready: readiness(line.ready) }))
    case 'pod':
      return reducePod(state, line)
    default:
      // Answers, verdicts, commands and gaps are not on the map.
      return state
  }
}

/** What follows from the rest: who leads, the quorum, the rotation where nobody told it, possible faults. */
function derive(state: MapState): MapState {
  return withPossibleFaults(withRotation(withQuorum(withLeaders(state))))
}

function reduceLease(
  state: MapState,
  line: EvidenceHead & (LeaseObservation | RenewalObservation),
): MapState {
  const others = state.leases.filter(
    ({ namespace, name }) => namespace !== line.namespace || name !== line.name,
  )
  const known = state.leases.find(
    ({ namespace, name }) => namespace === line.namespace && name === line.name,
  )
  if (line.kind === 'lease' && line.deleted) return known ? { ...state, leases: others } : state
  const stamp =
    line.renewed === null ? NaN : Date.parse(line.renewed) - (Date.parse(line.at) - line.ms)
  const renewedMs = Number.isNaN(stamp) ? line.ms : Math.min(stamp, line.ms)
  // A server that lags behind still tells the holder before.
  if (known && renewedMs < known.renewedMs) return state
  const cut = line.holder.lastIndexOf('_')
  const lease: MapLease = {
    namespace: line.namespace,
    name: line.name,
    holder: line.holder,
    node: line.holder === '' ? null : line.holder.slice(0, cut < 0 ? undefined : cut),
    transitions: line.transitions,
    durationSeconds: line.duration,
    renewedMs,
  }
  const next = known ? patch(known, lease) : lease
  if (next === known) return state
  const leases = [...others, next].sort((a, b) => a.name.localeCompare(b.name))
  return { ...state, leases }
}

/** Nodes and API servers keep Leases as signs of life; nobody competes for those. */
function isElection({ namespace, name }: LeaseObservation | RenewalObservation): boolean {
  return namespace !== 'kube-node-lease' && !name.startsWith('apiserver-')
}

function reduceBalancer(state: MapState, line: BalancerObservation): MapState {
  return {
    ...state,
    balancers: state.balancers.map((balancer) =>
      balancer.name === line.balancer
        ? {
            ...balancer,
            observed: true,
            servers: balancer.servers.map((server) =>
              server.name === line.server ? { ...server, up: line.up } : server,
            ),
          }
        : balancer,
    ),
  }
}

function reducePod(state: MapState, line: PodObservation): MapState {
  const nodes = state.nodes.map((node) => {
    const others = node.pods.filter(
      (pod) => pod.namespace !== line.namespace || pod.name !== line.name,
    )
    const here = node.name === line.node && !line.deleted
    if (!here) return others.length === node.pods.length ? node : { ...node, pods: others }
    const pod: MapPod = {
      namespace: line.namespace,
      name: line.name,
      phase: line.deleting ? 'Terminating' : line.phase,
      ready: line.ready,
      simulated: line.simulated === true,
    }
    return { ...node, pods: [...others, pod].sort(byName) }
  })
  return { ...state, nodes }
}

function byName(a: MapPod, b: MapPod): number {
  return a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name)
}

function componentsOf(role: NodeRole, stacked: boolean): readonly string[] {
  switch (role) {
    case 'control-plane':
      return stacked ? [...CONTROL_PLANE, 'etcd'] : CONTROL_PLANE
    case 'etcd':
      return ['etcd']
    case 'load-balancer':
      return ['haproxy']
    default:
      return []
  }
}

function notSeen(name: string): MapComponent {
  return { name, running: false, health: 'unknown', note: 'not started', leads: false, restarts: 0 }
}

function readiness(text: string): MapNode['ready'] {
  return text === 'True' || text === 'False' || text === 'absent' ? text : 'Unknown'
}
