import type { NodeName, NodeRole, NodeSummary, Topology } from '../wire/lab.ts'
import { ENDPOINT, FIRST_BYTE, NETWORK } from './facts.ts'

/** Which component runs on which nodes, and in what order a lab lists its nodes. */
export function layout(topology: Topology): NodeSummary[] {
  return [
    { name: 'workstation', role: 'workstation', address: `${NETWORK}.${FIRST_BYTE.workstation}` },
    ...numbered('lb', 'load-balancer', topology.balancers),
    ...numbered('cp', 'control-plane', topology.controlPlanes),
    ...numbered('w', 'worker', topology.workers),
    ...numbered('etcd', 'etcd', topology.etcd === 'external' ? EXTERNAL_ETCD_MEMBERS : 0),
  ]
}

/** External etcd has hosts of its own, three of them whatever the number of control planes. */
const EXTERNAL_ETCD_MEMBERS = 3

function numbered(prefix: string, role: NodeRole, count: number): NodeSummary[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `${prefix}-${i + 1}`,
    role,
    address: `${NETWORK}.${FIRST_BYTE[role] + i}`,
  }))
}

/** `172.30.0.11` → `10.244.11.0/24`: the range that Pods of the node at this address come from. */
export function podCidr(address: string): string {
  return `10.244.${address.slice(address.lastIndexOf('.') + 1)}.0/24`
}

/**
 * Addresses of a node beside its own: the API endpoint belongs to a single balancer for good;
 * of two balancers keepalived gives it to one at a time, so that neither has it to begin with.
 */
export function extraAddresses(name: NodeName, topology: Topology): string[] {
  return name === 'lb-1' && topology.balancers === 1 ? [ENDPOINT.address] : []
}

export function ofRole(topology: Topology, role: NodeRole): NodeSummary[] {
  return layout(topology).filter((node) => node.role === role)
}

/** The nodes that an etcd member runs on. */
export function etcdNodes(topology: Topology): NodeSummary[] {
  return ofRole(topology, topology.etcd === 'stacked' ? 'control-plane' : 'etcd')
}
