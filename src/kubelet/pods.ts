import type { Node } from '../engines/types.ts'
import type { KubePod } from '../kube/index.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import type { Journal } from './journal.ts'
import { CONFIG_SEEN } from './manifest.ts'
import { nameOf } from './pod-name.ts'
import { createPodWorker } from './pod-worker.ts'
import type { PodSource, PodWorker, WorkerContext } from './pod-worker.ts'

export interface PodsContext {
  readonly node: Node
  readonly runtime: ContainerRuntime
  readonly journal: Journal
  readonly event: WorkerContext['event']
  readonly statusChanged: () => void
  /** Deletes a Pod of the API for good, once its containers have ended. */
  readonly confirmDeleted: (pod: KubePod) => Promise<void>
  readonly signal: AbortSignal
}

/** The Pods of a node: brings the workers in line with what the manifests and the API want. */
export interface Pods {
  readonly workers: () => Iterable<PodWorker>
  readonly list: () => readonly KubePod[]
  readonly uidOf: (namespace: string, name: string) => string | undefined
  /** By uid. */
  readonly setStatic: (pods: ReadonlyMap<string, KubePod>) => void
  readonly setBound: (pods: ReadonlyMap<string, KubePod>) => void
  readonly detach: () => void
}

const graceOf = (pod: KubePod) =>
  pod.metadata?.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30

export function createPods(context: PodsContext): Pods {
  const { runtime, journal, signal } = context
  const workers = new Map<string, PodWorker>()
  let wantedStatic: ReadonlyMap<string, KubePod> = new Map()
  let staticKnown = false
  let bound: ReadonlyMap<string, KubePod> | null = null
  /** Pods whose worker or remains are being ended. */
  const ending = new Set<string>()

  function start(source: PodSource, pod: KubePod): void {
    const uid = pod.metadata?.uid ?? ''
    journal.log(`"SyncLoop ADD" source="${source}" pods=["${nameOf(pod)}"]`)
    const worker = createPodWorker(context, source, pod)
    workers.set(uid, worker)
    if (source === 'file') {
      const { namespace = '', name = '' } = pod.metadata ?? {}
      void runtime.removeLogs({ uid, namespace, name }, 'others').catch(() => undefined)
    }
  }

  /** Ends a worker and its remains; `confirm` tells the API. */
  async function end(worker: PodWorker, grace: number, confirm: boolean): Promise<void> {
    const { uid } = worker
    if (ending.has(uid)) return void worker.terminate(grace)
    ending.add(uid)
    journal.log(`"SyncLoop REMOVE" source="${worker.source}" pods=["${nameOf(worker.pod)}"]`)
    await worker.terminate(grace)
    if (signal.aborted) return
    context.statusChanged()
    if (confirm) await context.confirmDeleted(worker.pod)
    await runtime.remove(uid)
    if (worker.source === 'api') await removeLogs(worker.pod)
    workers.delete(uid)
    ending.delete(uid)
    context.statusChanged()
    settle()
  }

  async function removeLogs(pod: KubePod): Promise<void> {
    const { uid = '', namespace = '', name = '' } = pod.metadata ?? {}
    await runtime.removeLogs({ uid, namespace, name }, 'own').catch(() => undefined)
  }

  function settle(): void {
    if (signal.aborted || !runtime.activity.active) return
    settleStatic()
    if (bound) settleBound(bound)
    removeOrphans()
  }

  function settleStatic(): void {
    for (const worker of workers.values()) {
      if (worker.source === 'file' && !wantedStatic.has(worker.uid)) {
        void end(worker, graceOf(worker.pod), false)
      }
    }
    const busy = new Set([...workers.values()].map((worker) => nameOf(worker.pod)))
    for (const [uid, pod] of wantedStatic) {
      // A changed manifest starts when the Pod that it replaces has ended.
      if (!workers.has(uid) && !busy.has(nameOf(pod))) start('file', seen(pod))
    }
  }

  function settleBound(pods: ReadonlyMap<string, KubePod>): void {
    for (const worker of workers.values()) {
      if (worker.source === 'api' && !pods.has(worker.uid)) {
        void end(worker, graceOf(worker.pod), false)
      }
    }
    for (const [uid, pod] of pods) {
      const worker = workers.get(uid)
      if (pod.metadata?.deletionTimestamp) remove(pod, worker)
      else if (worker) {
        if (worker.pod.metadata?.resourceVersion !== pod.metadata?.resourceVersion) {
          worker.update(pod)
        }
      } else if (!isOver(pod)) start('api', pod)
    }
  }

  function remove(pod: KubePod, worker: PodWorker | undefined): void {
    const uid = pod.metadata?.uid ?? ''
    if (worker) {
      void end(worker, graceOf(pod), true)
    } else if (!ending.has(uid)) {
      // It never ran here, or ended with the node's power: nothing is left to end.
      ending.add(uid)
      void context
        .confirmDeleted(pod)
        .then(() => runtime.remove(uid))
        .finally(() => ending.delete(uid))
    }
  }

  /** Containers that run on from an earlier kubelet, of Pods that nobody wants any more. */
  function removeOrphans(): void {
    if (!bound || !staticKnown) return
    for (const { uid } of runtime.pods()) {
      if (workers.has(uid) || ending.has(uid) || wantedStatic.has(uid) || bound.has(uid)) continue
      ending.add(uid)
      void Promise.all(runtime.containers(uid).map((run) => run.stop(ORPHAN_GRACE_MS)))
        .then(() => runtime.remove(uid))
        .finally(() => {
          ending.delete(uid)
          settle()
        })
    }
  }

  runtime.activity.onResume(settle)
  const list = () =>
    [...workers.values()].map((worker) => ({ ...worker.pod, status: worker.status() }))

  return {
    workers: () => workers.values(),
    list,
    uidOf(namespace, name) {
      const wanted = `${namespace}/${name}`
      return [...workers.values()].find((worker) => nameOf(worker.pod) === wanted)?.uid
    },
    setStatic(pods) {
      wantedStatic = pods
      staticKnown = true
      settle()
    },
    setBound(pods) {
      bound = pods
      settle()
    },
    detach() {
      for (const worker of workers.values()) worker.detach()
    },
  }
}
const ORPHAN_GRACE_MS = 30_000

function seen(pod: KubePod): KubePod {
  const annotations = { ...pod.metadata?.annotations, [CONFIG_SEEN]: new Date().toISOString() }
  return { ...pod, metadata: { ...pod.metadata, annotations } }
}

function isOver(pod: KubePod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}
