/** What an HA cluster consists of, as pure functions: certificates, flags, static-Pod manifests, kubeconfigs, load-balancer configuration. */
export { HAPROXY_SOCKET } from './balancer.ts'
export type { PemPair } from './certificates.ts'
export { nodeEnvironment } from './environment.ts'
export { type EtcdMember, etcdRestoreArgs, initialCluster } from './etcd.ts'
export * from './facts.ts'
export { clusterFiles } from './files.ts'
export { goldenKey } from './golden-key.ts'
export { etcdNodes, extraAddresses, layout, podCidr } from './layout.ts'
export { STATIC_PODS, type StaticPodName, staticPodOrder } from './manifests.ts'
export type {
  AgentCredentials,
  ClusterFiles,
  ClusterSpec,
  KubeletCredentials,
  NodeFile,
  NodeFiles,
} from './spec.ts'
export { type Unit, unitsOf } from './units.ts'
