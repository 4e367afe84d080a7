/** What the map tells that no single line does. */
import type { FaultName } from '../wire/evidence.ts'
import type { MapBalancer, MapComponent, MapNode, MapState } from '../wire/state.ts'
import { componentOf, mapSame, onComponents, patch } from './map-change.ts'

const ELECTED = new Set(['kube-controller-manager', 'kube-scheduler'])

/** Who holds which lease, among what runs. */
export function withLeaders(state: MapState): MapState {
  return patch(state, {
    nodes: mapSame(state.nodes, (node) =>
      onComponents(node, (component) =>
        ELECTED.has(component.name) && component.running
          ? patch(component, standing(state, node, component))
          : component,
      ),
    ),
  })
}

function standing(state: MapState, node: MapNode, component: MapComponent): Partial<MapComponent> {
  const lease = state.leases.find(
    ({ namespace, name }) => namespace === 'kube-system' && name === component.name,
  )
  // A lease that was last renewed before this process started belongs to the one before it, which is dead.
  const leads = lease?.node === node.name && lease.renewedMs >= (component.startedMs ?? -Infinity)
  if (component.health === 'frozen') return { leads }
  if (!lease) return { leads: false }
  return { leads, health: 'ready', note: leads ? 'holds lease' : 'standby' }
}

/** Members, how many follow a leader, and how many must; no leader without a majority. */
export function withQuorum(state: MapState): MapState {
  const members = state.nodes.flatMap((node) =>
    node.components.filter(({ name }) => name === 'etcd'),
  )
  if (members.length === 0) return state
  const needs = Math.floor(members.length / 2) + 1
  const healthy = members.filter(({ health }) => health === 'ready').length
  const before = state.quorum ?? { members: 0, healthy: 0, needs: 0, leader: null, term: 0 }
  const leading = before.leader === null ? undefined : componentOf(state, before.leader, 'etcd')
  const leader = healthy >= needs && leading?.running ? before.leader : null
  const quorum = patch(before, { members: members.length, healthy, needs, leader })
  return patch(state, { quorum })
}

/** The rotation of a balancer that does not tell it itself: the servers that answer their health check. */
export function withRotation(state: MapState): MapState {
  const balancers = mapSame(state.balancers, (balancer): MapBalancer => {
    const node = state.nodes.find(({ name }) => name === balancer.name)
    const running = componentOf(state, balancer.name, 'haproxy')?.running === true
    const active = running && node?.power === 'on' && node.unplugged.length === 0
    if (balancer.observed) return patch(balancer, { active })
    const servers = mapSame(balancer.servers, (server) =>
      patch(server, { up: isUp(componentOf(state, server.name, 'kube-apiserver')) }),
    )
    return patch(balancer, { active, servers })
  })
  return patch(state, { balancers })
}

function isUp(server: MapComponent | undefined): boolean | null {
  if (!server || server.note === 'not started') return null
  return server.health === 'ready'
}

/** What may be done to each node now. The workstation is the learner's own and is left alone. */
export function withPossibleFaults(state: MapState): MapState {
  return patch(state, {
    nodes: mapSame(state.nodes, (node) => patch(node, { faults: possible(node) })),
  })
}

function possible(node: MapNode): readonly FaultName[] {
  if (node.role === 'workstation') return []
  if (node.power === 'off') return ['power-on']
  const cable: FaultName[] = node.unplugged.length > 0 ? ['plug'] : ['unplug']
  if (node.power === 'frozen') return ['power-off', 'thaw', ...cable]
  const signals: FaultName[] = node.components.some(({ running }) => running)
    ? ['kill', 'term']
    : []
  return ['power-off', 'freeze', ...cable, ...signals]
}
