/**
 * A kubelet for processes: keeps a node's static Pods and the Pods that the API binds to it, as
 * processes where we know their program, and speaks to the API as kubelets do.
 *
 *   const runtime = createContainerRuntime(node, knownImages())   // once per power-on
 *   await using kubelet = await startKubelet({ node, runtime, api, serving, socketDir })
 */
export { createContainerRuntime } from './container-runtime.ts'
export type { ContainerRuntime, PodIdentity } from './container-runtime.ts'
export { HALAB_BIN, knownImages, repositoryOf } from './images.ts'
export type { ImageTable, Program } from './images.ts'
export { startKubelet } from './kubelet.ts'
export type { Kubelet, KubeletApi, KubeletOptions } from './kubelet.ts'
export { KUBELET_LOG } from './journal.ts'
export type { KubeletTimers } from './limits.ts'
export { CONTROL_PLANE_LABEL } from './node-object.ts'
export type { NodeFacts } from './node-object.ts'
export type { ServingIdentity } from './serving.ts'
