import type { KubePod } from '../kube/index.ts'

/** `namespace/name`: what a Pod is known by, in the API and in the kubelet's log. */
export function nameOf(pod: KubePod): string {
  return `${pod.metadata?.namespace ?? 'default'}/${pod.metadata?.name ?? ''}`
}
