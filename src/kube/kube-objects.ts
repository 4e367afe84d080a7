/**
 * Kubernetes objects as they cross the wire. The types of `@kubernetes/client-node` describe what
 * its own deserializer makes of them (`Date` for times); we read plain JSON, where times are strings.
 */
import type {
  CoreV1Event,
  V1ConfigMap,
  V1Container,
  V1ContainerState,
  V1ContainerStatus,
  V1EnvVar,
  V1Lease,
  V1Node,
  V1NodeCondition,
  V1Pod,
  V1PodCondition,
  V1PodStatus,
  V1Probe,
} from '@kubernetes/client-node'

/** `T` with every `Date` as the RFC 3339 string it is on the wire. */
type AsJson<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? AsJson<Item>[]
    : T extends object
      ? { [Key in keyof T]: AsJson<T[Key]> }
      : T

export type KubePod = AsJson<V1Pod>
export type KubePodStatus = AsJson<V1PodStatus>
export type KubePodCondition = AsJson<V1PodCondition>
export type KubeContainer = AsJson<V1Container>
export type KubeContainerState = AsJson<V1ContainerState>
export type KubeContainerStatus = AsJson<V1ContainerStatus>
export type KubeEnvVar = AsJson<V1EnvVar>
export type KubeProbe = AsJson<V1Probe>
export type KubeNode = AsJson<V1Node>
export type KubeNodeCondition = AsJson<V1NodeCondition>
export type KubeLease = AsJson<V1Lease>
export type KubeEvent = AsJson<CoreV1Event>
export type KubeConfigMap = AsJson<V1ConfigMap>
