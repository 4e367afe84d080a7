import { isKubeApiError } from '../kube/index.ts'
import type { KubeClient, KubeNode, KubePod, KubePodStatus } from '../kube/index.ts'
import { coalesced } from './coalesced.ts'
import type { Journal } from './journal.ts'
import { CONFIG_HASH, CONFIG_MIRROR, isMirror } from './manifest.ts'
import { mirrorPod } from './mirror-pod.ts'
import { nameOf } from './pod-name.ts'
import type { PodWorker } from './pod-worker.ts'
import type { LoopContext } from './repeat.ts'
import { createRetries } from './retries.ts'
import { podStatusDiffers } from './status-diff.ts'

export interface PodWriterContext extends LoopContext {
  readonly client: KubeClient
  readonly journal: Journal
  readonly workers: () => Iterable<PodWorker>
  /** What the API holds, by `nameOf`; null before it was read. */
  readonly held: () => ReadonlyMap<string, KubePod> | null
  /** The API answered with this Pod, or (null) it is gone. */
  readonly answered: (name: string, pod: KubePod | null) => void
}

/** Writes statuses and mirror Pods: whatever the API holds that differs from what the workers say. */
export interface PodWriter {
  setOwner(node: KubeNode): void
  poke(): void
}

interface Write {
  readonly key: string
  run(): Promise<void>
}

const pathOf = (pod: KubePod) =>
  `/api/v1/namespaces/${pod.metadata?.namespace}/pods/${pod.metadata?.name}`

export function createPodWriter(context: PodWriterContext): PodWriter {
  const { client, journal, signal, activity } = context
  let owner: KubeNode | null = null
  const poke = () => {
    if (!signal.aborted) writer.poke()
  }
  const retries = createRetries(poke, signal)
  const writer = coalesced(async () => {
    await activity.whenActive(signal)
    const held = context.held()
    if (!held || signal.aborted) return
    const due = writes(held).filter(({ key }) => retries.isDue(key))
    await Promise.all(due.map(attempt))
  })

  async function attempt({ key, run }: Write): Promise<void> {
    try {
      await run()
      retries.succeeded(key)
    } catch (error) {
      const failures = retries.failed(key, error)
      if (failures === 1) journal.error(`"Failed to update pod in the API" pod="${key}"`, error)
    }
  }

  function writes(held: ReadonlyMap<string, KubePod>): Write[] {
    const due: Write[] = []
    const wanted = new Set<string>()
    for (const worker of context.workers()) {
      const key = nameOf(worker.pod)
      const pod = held.get(key)
      const add = (run: () => Promise<void>) => due.push({ key, run })
      if (worker.source === 'file') {
        if (worker.terminating) continue
        wanted.add(key)
        if (!pod) add(() => createMirror(worker))
        else if (isStale(pod, worker)) add(() => deletePod(client, pod, context.answered))
        else if (differs(pod, worker)) add(() => patchStatus(pod, worker))
      } else if (pod?.metadata?.uid === worker.uid && differs(pod, worker)) {
        add(() => patchStatus(pod, worker))
      }
    }
    for (const [key, pod] of held) {
      if (!isMirror(pod) || wanted.has(key)) continue
      due.push({ key, run: () => deletePod(client, pod, context.answered) })
    }
    return due
  }

  const differs = (pod: KubePod, worker: PodWorker) => podStatusDiffers(pod.status, worker.status())

  async function createMirror(worker: PodWorker): Promise<void> {
    if (!owner) return
    const mirror = mirrorPod(worker.pod, owner)
    try {
      const path = `/api/v1/namespaces/${mirror.metadata?.namespace}/pods`
      const created = await client.create<KubePod>(path, mirror)
      context.answered(nameOf(created), created)
    } catch (error) {
      // It is there already and the watch is about to tell.
      if (!isKubeApiError(error, 409)) throw error
    }
  }

  async function patchStatus(pod: KubePod, worker: PodWorker): Promise<void> {
    const body = { metadata: { uid: pod.metadata?.uid }, status: statusPatch(worker.status()) }
    try {
      const patched = await client.patch<KubePod>(`${pathOf(pod)}/status`, body, 'strategic')
      context.answered(nameOf(patched), patched)
    } catch (error) {
      // The Pod is gone, or is another one by now: the watch tells.
      if (!isGone(error)) throw error
    }
  }

  return {
    setOwner(node) {
      owner = node
      poke()
    },
    poke,
  }
}

/** Deletes exactly this Pod, at once; fine when it is gone already. */
export async function deletePod(
  client: KubeClient,
  pod: KubePod,
  answered: PodWriterContext['answered'],
): Promise<void> {
  const preconditions = { uid: pod.metadata?.uid }
  try {
    await client.delete(pathOf(pod), { gracePeriodSeconds: 0, preconditions })
  } catch (error) {
    if (!isGone(error)) throw error
  }
  answered(nameOf(pod), null)
}

/**
 * A strategic merge patch adds to the lists that it finds, by type and by address: what a condition
 * no longer says has to be taken back, and addresses of an earlier sandbox must not stay.
 */
function statusPatch(status: KubePodStatus): object {
  const unsaid = { lastProbeTime: null, reason: null, message: null }
  const replace = { $patch: 'replace' }
  return {
    ...status,
    conditions: status.conditions?.map((condition) => ({ ...unsaid, ...condition })),
    podIPs: [replace, ...(status.podIPs ?? [])],
    hostIPs: [replace, ...(status.hostIPs ?? [])],
  }
}

function isGone(error: unknown): boolean {
  return isKubeApiError(error, 404) || isKubeApiError(error, 409)
}

function isStale(mirror: KubePod, worker: PodWorker): boolean {
  if (mirror.metadata?.deletionTimestamp) return true
  const hash = worker.pod.metadata?.annotations?.[CONFIG_HASH]
  return mirror.metadata?.annotations?.[CONFIG_MIRROR] !== hash
}
