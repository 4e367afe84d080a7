/**
 * A kubelet for processes: keeps a node's static Pods and the Pods that the API binds to it, as
 * processes where we know their program, and speaks to the API as kubelets do.
 *
 *   const runtime = createContainerRuntime(node, knownImages())   // once per power-on
 *   await using kubelet = await startKubelet({ node, runtime, api, serving, socketDir })
 */
export { createContainerRuntime } from './container-runtime.ts'
export type { ContainerRuntime } from './container-runtime.ts'
export { knownImages } from './images.ts'
export type { ImageTable } from './images.ts'
export { startKubelet } from './kubelet.ts'
export type { Kubelet } from './kubelet.ts'
