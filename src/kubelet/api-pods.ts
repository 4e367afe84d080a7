import { listAndWatch } from '../kube/index.ts'
import type { KubeClient, KubeNode, KubePod } from '../kube/index.ts'
import type { Journal } from './journal.ts'
import { WRITE_RETRY_MAX_MS, WRITE_RETRY_MIN_MS } from './limits.ts'
import { isMirror } from './manifest.ts'
import { nameOf } from './pod-name.ts'
import type { PodWorker } from './pod-worker.ts'
import { createPodWriter, deletePod } from './pod-writer.ts'
import { backOffMs, rest } from './repeat.ts'
import type { LoopContext } from './repeat.ts'

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
  /** The Node's uid is known: mirror Pods can be owned by it. */
  setNode(node: KubeNode): void
  /** A worker's status, or the set of workers, may have changed. */
  reconcile(): void
  /** Says for good that a Pod has ended. */
  confirmDeleted(pod: KubePod): Promise<void>
  /** Watches anew, at once: the connection may hang, or the next attempt be seconds away. */
  reconnect(): void
}

export function followApiPods(context: ApiPodsContext): ApiPods {
  const { client, journal, signal, activity, nodeName } = context
  const held = new Map<string, KubePod>()
  let synced = false
  let watching = new AbortController()
  const writer = createPodWriter({
    ...context,
    held: () => (synced ? held : null),
    answered(name, pod) {
      if (pod) keep(name, pod)
      else held.delete(name)
      writer.poke()
    },
  })

  /** What was written may arrive again, older, through the watch. */
  function keep(name: string, pod: KubePod): void {
    const known = held.get(name)?.metadata
    const isOlder =
      known?.uid === pod.metadata?.uid &&
      Number(known?.resourceVersion) > Number(pod.metadata?.resourceVersion)
    if (!isOlder) held.set(name, pod)
  }

  function changed(): void {
    if (signal.aborted) return
    const own = [...held.values()].filter((pod) => !isMirror(pod))
    context.onPods(new Map(own.map((pod) => [pod.metadata?.uid ?? '', pod])))
    writer.poke()
  }

  async function follow(): Promise<void> {
    const query = { fieldSelector: `spec.nodeName=${nodeName}` }
    while (!signal.aborted) {
      watching = new AbortController()
      const until = AbortSignal.any([signal, watching.signal])
      const handlers = {
        onSync(items: readonly KubePod[]) {
          held.clear()
          for (const pod of items) held.set(nameOf(pod), pod)
          synced = true
          changed()
        },
        onEvent({ type, object }: { type: string; object: KubePod }) {
          const name = nameOf(object)
          if (type !== 'DELETED') keep(name, object)
          else if (held.get(name)?.metadata?.uid === object.metadata?.uid) held.delete(name)
          changed()
        },
        onGap: (error: unknown) => journal.error('"Failed to watch pods"', error),
      }
      await listAndWatch<KubePod>(client, '/api/v1/pods', handlers, until, { query })
    }
  }

  async function confirmDeleted(pod: KubePod): Promise<void> {
    for (let failures = 1; !signal.aborted; failures++) {
      await activity.whenActive(signal)
      try {
        await deletePod(client, pod, (name) => {
          if (held.get(name)?.metadata?.uid === pod.metadata?.uid) held.delete(name)
        })
        return
      } catch {
        await rest(backOffMs(failures, WRITE_RETRY_MIN_MS, WRITE_RETRY_MAX_MS), signal)
      }
    }
  }

  void follow()
  return {
    setNode(node) {
      writer.setOwner(node)
      // The API answers by now; the watch may still be waiting for its next attempt.
      if (!synced) watching.abort()
    },
    reconcile: writer.poke,
    confirmDeleted,
    reconnect: () => watching.abort(),
  }
}
