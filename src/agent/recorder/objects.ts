/** Nodes and Pods as the API tells them, through the balancer: a line for each change that matters. */
import type { V1Node, V1Pod } from '@kubernetes/client-node'
import { listAndWatch, type KubeClient } from '../../kube/index.ts'
import type { NodeObservation, Observation, PodObservation } from '../../wire/evidence.ts'
import type { LabClock } from '../clock.ts'
import { gapRecorder } from './gaps.ts'

interface Recording<T, O> {
  readonly source: string
  readonly path: string
  readonly keyOf: (object: T) => string
  readonly observe: (object: T) => O
  readonly gone: (last: O) => O
}

type Record = (observation: Observation) => void

export function recordNodes(
  client: KubeClient,
  clock: LabClock,
  record: Record,
  signal: AbortSignal,
) {
  recordChanges<V1Node, NodeObservation>(
    {
      source: 'nodes',
      path: '/api/v1/nodes',
      keyOf: ({ metadata }) => metadata?.name ?? '',
      observe: nodeObservation,
      gone: (last) => ({ ...last, ready: 'absent' }),
    },
    client,
    clock,
    record,
    signal,
  )
}

export function recordPods(
  client: KubeClient,
  clock: LabClock,
  record: Record,
  signal: AbortSignal,
) {
  recordChanges<V1Pod, PodObservation>(
    {
      source: 'pods',
      path: '/api/v1/pods',
      keyOf: ({ metadata }) => metadata?.uid ?? '',
      observe: podObservation,
      gone: (last) => ({ ...last, ready: false, deleted: true }),
    },
    client,
    clock,
    record,
    signal,
  )
}

function recordChanges<
  T extends { metadata?: { resourceVersion?: string } },
  O extends Observation & { resourceVersion: string },
>(
  recording: Recording<T, O>,
  client: KubeClient,
  clock: LabClock,
  record: Record,
  signal: AbortSignal,
): void {
  const known = new Map<string, O>()
  const gap = gapRecorder(recording.source, clock, record)
  const see = (object: T) => {
    const now = recording.observe(object)
    const key = recording.keyOf(object)
    const before = known.get(key)
    known.set(key, now)
    if (before === undefined || differ(before, now)) record(now)
  }
  const forget = (key: string) => {
    const last = known.get(key)
    known.delete(key)
    if (last) record(recording.gone(last))
  }
  void listAndWatch<T>(
    client,
    recording.path,
    {
      onSync(items) {
        const present = new Set(items.map(recording.keyOf))
        for (const key of [...known.keys()]) if (!present.has(key)) forget(key)
        for (const item of items) see(item)
      },
      onEvent({ type, object }) {
        if (type === 'DELETED') forget(recording.keyOf(object))
        else see(object)
      },
      onGap: gap.open,
      onRecovered: gap.close,
    },
    signal,
  )
}

function differ(a: { resourceVersion: string }, b: { resourceVersion: string }): boolean {
  return (
    JSON.stringify({ ...a, resourceVersion: '' }) !== JSON.stringify({ ...b, resourceVersion: '' })
  )
}

function nodeObservation({ metadata, spec, status }: V1Node): NodeObservation {
  return {
    kind: 'node',
    name: metadata?.name ?? '',
    ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown',
    taints: (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`),
    unschedulable: spec?.unschedulable ?? false,
    resourceVersion: metadata?.resourceVersion ?? '',
  }
}

function podObservation({ metadata, spec, status }: V1Pod): PodObservation {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller)
  const statuses = status?.containerStatuses ?? []
  const created: unknown = metadata?.creationTimestamp
  return {
    kind: 'pod',
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    node: spec?.nodeName ?? null,
    phase: status?.phase ?? 'Pending',
    ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
    deleting: metadata?.deletionTimestamp !== undefined,
    ...(statuses.some(({ containerID }) => containerID?.startsWith('simulated:')) && {
      simulated: true as const,
    }),
    ...(owner && { owner: `${owner.kind}/${owner.name}` }),
    created: typeof created === 'string' ? created : '',
    restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    resourceVersion: metadata?.resourceVersion ?? '',
  }
}
