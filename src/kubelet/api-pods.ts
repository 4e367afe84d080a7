import { failureReason, isKubeApiError, listAndWatch } from '../kube/index.ts'
import type { KubeClient, KubeNode, KubePod } from '../kube/index.ts'
import { coalesced } from './coalesced.ts'
import type { Journal } from './journal.ts'
import { WRITE_RETRY_MAX_MS, WRITE_RETRY_MIN_MS } from './limits.ts'
import { CONFIG_HASH, CONFIG_MIRROR } from './manifest.ts'
import { mirrorPod } from './mirror-pod.ts'
import type { PodWorker } from './pod-worker.ts'
import { backOffMs, rest } from './repeat.ts'
import type { LoopContext } from './repeat.ts'
import { podStatusDiffers } from './status-diff.ts'

export interface ApiPodsContext extends LoopContext {
  readonly nodeName: string
  readonly client: KubeClient
  readonly journal: Journal
  /** Workers of all Pods that this kubelet knows. */
  readonly workers: () => Iterable<PodWorker>
  /** Pods of the API that belong to this node, mirrors left out; complete, after every change. */
  readonly onPods: (pods: ReadonlyMap<string, KubePod>) => void
}

/** The kubelet's view of the API's Pods: reads what is bound to the node, writes statuses and mirrors. */
export interface ApiPods {
  readonly synced: boolean
  /** The Node's uid is known: mirror Pods can be owned by it. */
  setNode(node: KubeNode): void
  /** A worker's status, or the set of workers, may have changed. */
  reconcile(): void
  /** Says for good that a Pod has ended. */
  confirmDeleted(pod: KubePod): Promise<void>
  /** Watches anew: the connection may hang after the node was cut off. */
  reconnect(): void
}

const nameOf = (pod: KubePod) => `${pod.metadata?.namespace}/${pod.metadata?.name}`
const pathOf = (pod: KubePod) =>
  `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}`
const isMirror = (pod: KubePod) => pod.metadata?.annotations?.[CONFIG_MIRROR] !== undefined

export function followApiPods(context: ApiPodsContext): ApiPods {
  const { client, journal, signal, activity, nodeName } = context
  /** By namespace/name: what the API holds. */
  const held = new Map<string, KubePod>()
  let synced = false
  let ownerNode: KubeNode | null = null
  let failures = 0
  let watching = new AbortController()

  function changed(): void {
    if (signal.aborted) return
    const own = [...held.values()].filter((pod) => !isMirror(pod))
    context.onPods(new Map(own.map((pod) => [pod.metadata?.uid ?? '', pod])))
    reconcile()
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      watching = new AbortController()
      await listAndWatch<KubePod>(
        client,
        '/api/v1/pods',
        {
          onSync(items) {
            held.clear()
            for (const pod of items) held.set(nameOf(pod), pod)
            synced = true
            changed()
          },
          onEvent({ type, object }) {
            if (type === 'DELETED') held.delete(nameOf(object))
            else held.set(nameOf(object), object)
            changed()
          },
          onGap: (error) => journal.error('"Failed to watch pods"', error),
        },
        AbortSignal.any([signal, watching.signal]),
        { query: { fieldSelector: `spec.nodeName=${nodeName}` } },
      )
    }
  }

  /** Writes what differs from what the API holds. */
  const writer = coalesced(async () => {
    await activity.whenActive(signal)
    if (!synced || signal.aborted) return
    const results = await Promise.allSettled(writes().map((one) => one()))
    const failed = results.find((result) => result.status === 'rejected')
    if (!failed) {
      failures = 0
      return
    }
    failures += 1
    if (failures === 1) journal.error('"Failed to write to the API"', failed.reason)
    const slow = failureReason(failed.reason) === 'http' ? WRITE_RETRY_MAX_MS : 2_000
    await rest(backOffMs(failures, WRITE_RETRY_MIN_MS, slow), signal)
    reconcile()
  })
  const reconcile = () => {
    if (!signal.aborted) writer.poke()
  }

  function writes(): (() => Promise<void>)[] {
    const due: (() => Promise<void>)[] = []
    const wanted = new Set<string>()
    for (const worker of context.workers()) {
      const pod = held.get(nameOf(worker.pod))
      if (worker.source === 'file') {
        if (worker.terminating) continue
        wanted.add(nameOf(worker.pod))
        if (!pod) due.push(() => createMirror(worker))
        else if (isStale(pod, worker)) due.push(() => deletePod(pod))
        else if (podStatusDiffers(pod.status, worker.status()))
          due.push(() => patchStatus(pod, worker))
      } else if (pod?.metadata?.uid === worker.uid) {
        if (podStatusDiffers(pod.status, worker.status())) due.push(() => patchStatus(pod, worker))
      }
    }
    for (const [name, pod] of held) {
      if (isMirror(pod) && !wanted.has(name)) due.push(() => deletePod(pod))
    }
    return due
  }

  function isStale(mirror: KubePod, worker: PodWorker): boolean {
    if (mirror.metadata?.deletionTimestamp) return true
    const hash = worker.pod.metadata?.annotations?.[CONFIG_HASH]
    return mirror.metadata?.annotations?.[CONFIG_MIRROR] !== hash
  }

  async function createMirror(worker: PodWorker): Promise<void> {
    if (!ownerNode) return
    const mirror = mirrorPod(worker.pod, ownerNode)
    try {
      const created = await client.create<KubePod>(
        `/api/v1/namespaces/${mirror.metadata?.namespace}/pods`,
        mirror,
      )
      held.set(nameOf(created), created)
      reconcile()
    } catch (error) {
      // It is there already and the watch is about to tell.
      if (!isKubeApiError(error, 409)) throw error
    }
  }

  async function patchStatus(pod: KubePod, worker: PodWorker): Promise<void> {
    const status = worker.status()
    // Conditions are merged by type: what one no longer says has to be taken back.
    const unsaid = { lastProbeTime: null, reason: null, message: null }
    const conditions = status.conditions?.map((condition) => ({ ...unsaid, ...condition }))
    const body = { metadata: { uid: pod.metadata?.uid }, status: { ...status, conditions } }
    try {
      const patched = await client.patch<KubePod>(`${pathOf(pod)}/status`, body, 'strategic')
      if (held.get(nameOf(pod))?.metadata?.uid === patched.metadata?.uid) {
        held.set(nameOf(pod), patched)
      }
    } catch (error) {
      // The Pod is gone, or is another one by now: the watch tells.
      if (!isKubeApiError(error, 404) && !isKubeApiError(error, 409)) throw error
    }
  }

  async function deletePod(pod: KubePod): Promise<void> {
    const preconditions = { uid: pod.metadata?.uid }
    try {
      await client.delete(pathOf(pod), { gracePeriodSeconds: 0, preconditions })
    } catch (error) {
      if (!isKubeApiError(error, 404) && !isKubeApiError(error, 409)) throw error
    }
    if (held.get(nameOf(pod))?.metadata?.uid === pod.metadata?.uid) held.delete(nameOf(pod))
    reconcile()
  }

  async function confirmDeleted(pod: KubePod): Promise<void> {
    for (let failures = 1; !signal.aborted; failures++) {
      await activity.whenActive(signal)
      try {
        await deletePod(pod)
        return
      } catch {
        await rest(backOffMs(failures, WRITE_RETRY_MIN_MS, WRITE_RETRY_MAX_MS), signal)
      }
    }
  }

  void follow()
  return {
    get synced() {
      return synced
    },
    setNode(node) {
      ownerNode = node
      reconcile()
    },
    reconcile,
    confirmDeleted,
    reconnect: () => watching.abort(),
  }
}
