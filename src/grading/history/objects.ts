import type { EvidenceHead, NodeObservation, PodObservation } from '../../wire/evidence.ts'

/** One Pod (one uid) over its life. All times are when the recorder saw them, in ms. */
export interface PodLife {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly owner: string | null
  readonly node: string | null
  readonly phase: string
  readonly ready: boolean
  readonly simulated: boolean
  readonly restarts: number
  /** `creationTimestamp`, whole seconds. */
  readonly created: string
  readonly firstSeenMs: number
  readonly scheduledMs: number | null
  readonly firstReadyMs: number | null
  readonly deletedMs: number | null
  readonly evidence: readonly number[]
}

/** What the API told about a Node from `ms` on. */
export interface NodeChange {
  readonly ms: number
  readonly ready: string
  readonly taints: readonly string[]
  readonly unschedulable: boolean
  readonly evidence: readonly number[]
}

export interface ObjectIndex {
  appendPod(line: EvidenceHead & PodObservation): void
  appendNode(line: EvidenceHead & NodeObservation): void
  pods(): readonly PodLife[]
  nodeChanges(name: string): readonly NodeChange[]
  nodeNames(): readonly string[]
}

export function createObjectIndex(): ObjectIndex {
  const pods = new Map<string, PodLife>()
  const nodes = new Map<string, NodeChange[]>()
  return {
    appendPod(line) {
      pods.set(line.uid, nextLife(pods.get(line.uid), line))
    },
    appendNode({ n, ms, name, ready, taints, unschedulable }) {
      const changes = nodes.get(name) ?? []
      nodes.set(name, changes)
      changes.push({ ms, ready, taints, unschedulable, evidence: [n] })
    },
    pods: () => [...pods.values()],
    nodeChanges: (name) => nodes.get(name) ?? [],
    nodeNames: () => [...nodes.keys()],
  }
}

function nextLife(before: PodLife | undefined, line: EvidenceHead & PodObservation): PodLife {
  const scheduledMs = before?.scheduledMs ?? (line.node === null ? null : line.ms)
  const firstReadyMs = before?.firstReadyMs ?? (line.ready ? line.ms : null)
  const notable =
    !before ||
    scheduledMs !== before.scheduledMs ||
    firstReadyMs !== before.firstReadyMs ||
    line.deleted
  return {
    namespace: line.namespace,
    name: line.name,
    uid: line.uid,
    owner: line.owner ?? before?.owner ?? null,
    node: line.node,
    phase: line.phase,
    ready: line.ready && !line.deleted,
    simulated: line.simulated === true,
    restarts: line.restarts,
    created: line.created,
    firstSeenMs: before?.firstSeenMs ?? line.ms,
    scheduledMs,
    firstReadyMs,
    deletedMs: before?.deletedMs ?? (line.deleted ? line.ms : null),
    evidence: notable ? [...(before?.evidence ?? []), line.n] : (before?.evidence ?? []),
  }
}
