/**
 * What an HA cluster consists of, as pure functions: certificates, flags, static-Pod manifests,
 * kubeconfigs, load-balancer configuration. What the boot needs is exported here; whoever needs a
 * fixed number alone imports facts.ts, which loads nothing else.
 */
export type { PemPair } from './certificates.ts'
export { nodeEnvironment } from './environment.ts'
export { etcdRestoreArgs } from './etcd.ts'
export { clusterFiles } from './files.ts'
export { etcdNodes } from './layout.ts'
export { staticPodOrder } from './manifests.ts'
export type { AgentCredentials, ClusterFiles, ClusterSpec, NodeFiles } from './spec.ts'
export { type Unit, unitsOf } from './units.ts'
