import type { KubeContainerStatus, KubePodStatus } from '../kube/index.ts'

/**
 * Whether the API's status of a Pod says something else than the kubelet's. Only what the kubelet
 * itself writes is compared; the node controller, too, writes conditions when it misses the node.
 */
export function podStatusDiffers(held: KubePodStatus | undefined, wanted: KubePodStatus): boolean {
  return fingerprint(held ?? {}, wanted) !== fingerprint(wanted, wanted)
}

function fingerprint(status: KubePodStatus, wanted: KubePodStatus): string {
  const own = new Set(wanted.conditions?.map(({ type }) => type))
  const conditions = (status.conditions ?? [])
    .filter(({ type }) => own.has(type))
    .map(({ type, status: holds, reason = '', message = '' }) => [type, holds, reason, message])
    .sort()
  return JSON.stringify([
    status.phase,
    status.reason ?? '',
    status.podIP ?? '',
    conditions,
    status.containerStatuses?.map(container) ?? [],
    status.initContainerStatuses?.map(container) ?? [],
  ])
}

function container(status: KubeContainerStatus): unknown[] {
  const { name, ready, started, restartCount, containerID, state } = status
  return [
    name,
    ready,
    started ?? false,
    restartCount,
    containerID ?? '',
    state?.running ? 'running' : '',
    state?.waiting?.reason ?? '',
    state?.terminated?.exitCode ?? '',
  ]
}
