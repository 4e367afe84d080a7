import type { LabTimers, NodeName, Topology } from '../wire/lab.ts'
import type { PemPair } from './certificates.ts'

export interface ClusterSpec {
  readonly topology: Topology
  /** Departures from Kubernetes' defaults. */
  readonly timers?: LabTimers
}

export interface NodeFile {
  readonly content: string
  /** Permission bits, e.g. `0o600`. */
  readonly mode: number
}
/** By absolute path on the node. */
export type NodeFiles = Map<string, NodeFile>

export interface ClusterFiles {
  readonly nodes: Map<NodeName, NodeFiles>
  /** Folders that must be there though no file lies in them yet, with their permission bits. */
  readonly directories: Map<NodeName, Map<string, number>>
  readonly agent: AgentCredentials
}

/** What the agent itself holds; none but `nodes` lies on a node. */
export interface AgentCredentials {
  /** Certificate of the cluster's authority, PEM. */
  readonly ca: string
  readonly etcdCa: string
  /** Both `system:masters`, told apart in audit and by the objects they own. */
  readonly recorder: PemPair
  readonly grader: PemPair
  readonly etcdClient: PemPair
  /** Control planes and workers: what their kubelets are known by. */
  readonly nodes: ReadonlyMap<NodeName, KubeletCredentials>
  /** Shared by the lab's ssh listeners and clients; 32 bytes in hexadecimal. */
  readonly sshKey: string
}

export interface KubeletCredentials {
  readonly kubeletClient: PemPair
  readonly kubeletServing: PemPair
}
