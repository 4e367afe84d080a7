/**
 * A thin client of the Kubernetes API. `@kubernetes/client-node` costs 0.7 s and 127 MB at import,
 * too much for the boot path; its types cost nothing and are used here as they are.
 */
export { createKubeClient } from './kube-client.ts'
export type {
  KubeClient,
  KubeClientOptions,
  KubeList,
  PatchType,
  Query,
  RawAnswer,
  RequestOptions,
  WatchEvent,
} from './kube-client.ts'
export {
  failureReason,
  isKubeApiError,
  isKubeNetworkError,
  KubeApiError,
  KubeNetworkError,
} from './kube-error.ts'
export type { FailureReason } from './kube-error.ts'
export { listAndWatch } from './list-and-watch.ts'
export type { InformerHandlers, InformerOptions } from './list-and-watch.ts'
export type * from './kube-objects.ts'
