/**
 * A thin client of the Kubernetes API. `@kubernetes/client-node` costs 0.7 s and 127 MB at import,
 * too much for the boot path; its types cost nothing and are used here as they are.
 */
export { createKubeClient } from './kube-client.ts'
export type { KubeClient } from './kube-client.ts'
export { failureReason, isKubeApiError, KubeApiError } from './kube-error.ts'
export { listAndWatch } from './list-and-watch.ts'
export type * from './kube-objects.ts'
