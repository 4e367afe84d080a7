/**
 * What happened in a lab, as graders ask for it: indexes over the evidence log, kept on append, so that a
 * question costs what it returns and not what was recorded. Only lines of the present epoch count.
 */
import type {
  ApiObservation,
  Evidence,
  EvidenceHead,
  FaultObservation,
  LabState,
} from '../wire/evidence.ts'
import type { Interval } from './interval.ts'
import { createGapIndex } from './history/gaps.ts'
import { type Holding, createLeaseIndex } from './history/leases.ts'
import { type NodeChange, type PodLife, createObjectIndex } from './history/objects.ts'
import { type ApiStretch, type EtcdStretch, createProbeIndex } from './history/probes.ts'
import { type Run, createProcessIndex } from './history/processes.ts'

export type { Holding } from './history/leases.ts'
export type { NodeChange, PodLife } from './history/objects.ts'
export type { ApiStretch, EtcdStretch } from './history/probes.ts'
export type { Run } from './history/processes.ts'

/** A line as a moment that rests on itself. */
export interface Fault extends FaultObservation {
  readonly ms: number
  readonly evidence: readonly number[]
}
export interface Answer {
  readonly value: string
  readonly ms: number
  readonly evidence: readonly number[]
}

/** `boot`: also what came before the lab was ready, such as what its set-up did. */
export type Since = 'ready' | 'boot'

export interface History {
  append(line: Evidence): void
  readonly epoch: number
  /** When this epoch's lab became ready, in ms; null before. Tasks are graded from here on. */
  readonly readyMs: number | null
  readonly state: LabState
  /** `ms` of the newest line. */
  readonly lastMs: number
  /** A time stamp of the cluster's on the recorder's clock, in ms; NaN before the first line. */
  msOf(stamp: string): number
  /** Holders of a Lease, oldest first; those that ended before `since` are left out. */
  leases(name: string, options?: { namespace?: string; since?: Since }): readonly Holding[]
  /** Processes that ran at or after `since`, in the order of their starts. */
  processes(which?: { node?: string; component?: string; since?: Since }): readonly Run[]
  api(target: string, op: ApiObservation['op'], since?: Since): readonly ApiStretch[]
  etcd(member: string, since?: Since): readonly EtcdStretch[]
  faults(since?: Since): readonly Fault[]
  /** What held at `since`, and every change from then on. */
  nodes(name: string, since?: Since): readonly NodeChange[]
  nodeNames(): readonly string[]
  /** Pods that existed at or after `since`; `owner` may be a prefix such as `ReplicaSet/web-`. */
  pods(which?: {
    namespace?: string
    owner?: string
    name?: string
    since?: Since
  }): readonly PodLife[]
  answers(task: string): readonly Answer[]
  /** When `source` (`leases`, `leases/cp-1`, `etcd/cp-2`, `pods` …) could not be observed. */
  gaps(source: string): readonly Interval[]
}

/** An empty history; append the log's lines to it in their order. */
export function createHistory(): History {
  let indexes = createIndexes()
  let epoch = 0
  let readyMs: number | null = null
  let state: LabState = 'booting'
  let lastMs = 0
  /** Wall-clock time of `ms` 0, as the newest line tells it. */
  let beganAt = NaN

  const start = (since: Since = 'ready'): number =>
    since === 'boot' ? -Infinity : (readyMs ?? Infinity)

  function append(line: Evidence): void {
    if (line.epoch < epoch) return
    if (line.epoch > epoch) {
      indexes = createIndexes()
      epoch = line.epoch
      readyMs = null
      state = 'booting'
    }
    lastMs = Math.max(lastMs, line.ms)
    beganAt = Date.parse(line.at) - line.ms
    if (line.kind === 'lab') {
      state = line.state
      // A resumed lab is ready once more; its tasks count from the first time on.
      if (line.state === 'ready') readyMs ??= line.ms
    } else indexes.append(line)
  }

  return {
    append,
    get epoch() {
      return epoch
    },
    get readyMs() {
      return readyMs
    },
    get state() {
      return state
    },
    get lastMs() {
      return lastMs
    },
    msOf: (stamp) => Date.parse(stamp) - beganAt,
    leases(name, { namespace = 'kube-system', since } = {}) {
      const from = start(since)
      return indexes.leases
        .holdings(namespace, name)
        .filter(({ untilMs }) => from < Infinity && (untilMs ?? Infinity) >= from)
    },
    processes({ node, component, since } = {}) {
      const from = start(since)
      return indexes.processes
        .runs()
        .filter(
          (run) =>
            from < Infinity &&
            (run.exitMs ?? Infinity) >= from &&
            (node === undefined || run.node === node) &&
            (component === undefined || run.component === component),
        )
    },
    api: (target, op, since) =>
      indexes.probes.api(target, op).filter(({ to }) => to >= start(since)),
    etcd: (member, since) => indexes.probes.etcd(member).filter(({ to }) => to >= start(since)),
    faults: (since) => indexes.faults.filter(({ ms }) => ms >= start(since)),
    nodes: (name, since) =>
      indexes.objects
        .nodeChanges(name)
        .filter(
          (_, i, all) => start(since) < Infinity && (all[i + 1]?.ms ?? Infinity) > start(since),
        ),
    nodeNames: () => indexes.objects.nodeNames(),
    pods({ namespace, owner, name, since } = {}) {
      const from = start(since)
      return indexes.objects
        .pods()
        .filter(
          (pod) =>
            from < Infinity &&
            (pod.deletedMs ?? Infinity) >= from &&
            (namespace === undefined || pod.namespace === namespace) &&
            (owner === undefined || pod.owner?.startsWith(owner) === true) &&
            (name === undefined || pod.name === name),
        )
    },
    answers: (task) => (indexes.answers.get(task) ?? []).filter(({ ms }) => ms >= start()),
    gaps(source) {
      const members = indexes.probes.targets().filter((target) => target !== 'lb')
      return indexes.gaps.of(source, members)
    },
  }
}

function createIndexes() {
  const leases = createLeaseIndex()
  const processes = createProcessIndex()
  const probes = createProbeIndex()
  const gaps = createGapIndex()
  const objects = createObjectIndex()
  const faults: Fault[] = []
  const answers = new Map<string, Answer[]>()
  const here = ({ n, ms }: EvidenceHead) => ({ ms, evidence: [n] })

  function append(line: Evidence): void {
    switch (line.kind) {
      case 'lease':
      case 'renewal':
        return leases.append(line)
      case 'process':
        return processes.append(line)
      case 'api':
        return probes.appendApi(line)
      case 'etcd':
        return probes.appendEtcd(line)
      case 'gap':
        return gaps.append(line)
      case 'pod':
        return objects.appendPod(line)
      case 'node':
        return objects.appendNode(line)
      case 'fault':
        faults.push({ ...line, ...here(line) })
        return
      case 'answer':
        answers.set(line.task, [
          ...(answers.get(line.task) ?? []),
          { value: line.value, ...here(line) },
        ])
        return
      default:
        // Nothing that a grader asks for: its own verdicts, commands of the platform, balancer, endpoints.
        return
    }
  }
  return { append, leases, processes, probes, gaps, objects, faults, answers }
}
