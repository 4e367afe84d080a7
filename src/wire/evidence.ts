/**
 * The evidence log: append-only lines, numbered from 1, written by the recorder in the agent.
 * `ms` is monotonic since `up` began; a line never changes once written.
 */
export type EvidenceKind = Evidence['kind']

/** What every line carries. */
export interface EvidenceHead {
  readonly n: number
  readonly at: string
  readonly ms: number
  readonly epoch: number
}

export type Evidence = EvidenceHead & Observation
/** A line before the recorder numbered it. */
export type Observation =
  | LabObservation
  | ApiObservation
  | BalancerObservation
  | LeaseObservation
  | RenewalObservation
  | EtcdObservation
  | ProcessObservation
  | FaultObservation
  | NodeObservation
  | PodObservation
  | EndpointsObservation
  | GapObservation
  | AnswerObservation
  | VerdictObservation
  | CommandObservation

export type Actor = 'learner' | 'setup' | 'instructor' | 'schedule'

export interface LabObservation {
  readonly kind: 'lab'
  readonly state: LabState
  /** Name of the boot stage just reached, e.g. `network`, `quorum`, `first-readyz`. */
  readonly stage?: string
}
export type LabState = 'booting' | 'usable' | 'ready' | 'paused' | 'resetting' | 'ended' | 'failed'

export interface ApiObservation {
  readonly kind: 'api'
  /** `lb` or the name of a control-plane node. */
  readonly target: string
  readonly op: 'readyz' | 'read' | 'write'
  readonly ok: boolean
  /** HTTP status; absent when no answer came. */
  readonly status?: number
  /** Why it failed, in a word: `timeout`, `refused`, `reset`, `unreachable`, `tls`, `http`. */
  readonly reason?: string
  readonly tookMs: number
  /** How many equal results this line sums up (each 5 s at the latest); the line's `ms` is the last one's. */
  readonly count: number
  /** `ms` at which the first of them was sent. */
  readonly sinceMs: number
}

export interface BalancerObservation {
  readonly kind: 'balancer'
  readonly balancer: string
  readonly server: string
  readonly up: boolean
  readonly connections: number
}

interface LeaseFields {
  readonly namespace: string
  readonly name: string
  /** `holderIdentity`: hostname, `_`, uuid; empty when released. */
  readonly holder: string
  readonly acquired: string | null
  readonly renewed: string | null
  /** `leaseDurationSeconds`. */
  readonly duration: number
  readonly transitions: number
  /** Which API server told this, e.g. `cp-2`. */
  readonly seenFrom: string
}
/** The holder (or the object: uid) changed, or the lease was deleted (`deleted`). */
export interface LeaseObservation extends LeaseFields {
  readonly kind: 'lease'
  readonly uid: string
  readonly deleted?: true
}
/** A renewal by the same holder, at most one a second a lease. */
export interface RenewalObservation extends LeaseFields {
  readonly kind: 'renewal'
}

export interface EtcdObservation {
  readonly kind: 'etcd'
  readonly member: string
  readonly ok: boolean
  readonly reason?: string
  /** Name of the leader as this member sees it; null when it knows none. */
  readonly leader: string | null
  readonly term: number
  readonly index: number
  readonly learner: boolean
  readonly dbBytes: number
  readonly alarms: readonly string[]
  readonly revision: number
  readonly count: number
  readonly sinceMs: number
}

export interface ProcessObservation {
  readonly kind: 'process'
  readonly node: string
  /** `etcd`, `kube-apiserver`, `haproxy`, `pod/<namespace>/<name>/<container>` … */
  readonly component: string
  /** As seen on the node. */
  readonly pid: number
  readonly event: 'start' | 'exit'
  readonly code?: number
  /** E.g. `SIGKILL`. */
  readonly signal?: string
  /** Who ended it, where the platform did: a fault's actor, `kubelet` or `power`; absent: it ended by itself or by a hand on the node. */
  readonly by?: string
}

/**
 * `kill` and `term` happen at once and have a `begin` only. `power-off`, `freeze` and `unplug` last:
 * `power-on`, `thaw` and `plug` are told as the `end` of the fault that they mend, never by their own name.
 */
export interface FaultObservation {
  readonly kind: 'fault'
  readonly fault: FaultName
  /** `cp-1` or `cp-1/kube-scheduler`. */
  readonly target: string
  readonly phase: 'begin' | 'end'
  readonly by: Actor
  readonly from?: readonly string[]
  readonly oneWay?: boolean
}
/** Values the wire types name; the only run-time export of this file. */
export const FAULTS = [
  'power-off',
  'power-on',
  'freeze',
  'thaw',
  'unplug',
  'plug',
  'kill',
  'term',
] as const
export type FaultName = (typeof FAULTS)[number]

export interface NodeObservation {
  readonly kind: 'node'
  readonly name: string
  /** `True`, `False`, `Unknown`, or `absent` when the Node object is gone. */
  readonly ready: string
  readonly taints: readonly string[]
  readonly unschedulable: boolean
  readonly resourceVersion: string
}

export interface PodObservation {
  readonly kind: 'pod'
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly node: string | null
  readonly phase: string
  readonly ready: boolean
  readonly deleting: boolean
  readonly deleted?: true
  readonly simulated?: true
  /** Kind and name of the controller that owns it, e.g. `ReplicaSet/web-6d4c`. */
  readonly owner?: string
  readonly created: string
  readonly restarts: number
  readonly resourceVersion: string
}

export interface EndpointsObservation {
  readonly kind: 'endpoints'
  readonly namespace: string
  readonly service: string
  readonly ready: readonly string[]
  readonly resourceVersion: string
}

/** A source could not be observed: what happened in between is unknown, never absent. */
export interface GapObservation {
  readonly kind: 'gap'
  /** `pause`, `leases/cp-1`, `etcd/cp-2`, `nodes`, `pods`, `recorder` … */
  readonly source: string
  /** Monotonic ms. `to` is null while it lasts; a second line closes it. */
  readonly from: number
  readonly to: number | null
}

export interface AnswerObservation {
  readonly kind: 'answer'
  readonly task: string
  readonly value: string
}
export interface VerdictObservation {
  readonly kind: 'verdict'
  readonly task: string
  readonly status: 'pass' | 'fail' | 'error'
  readonly code: string
  readonly message: string
}
/** Something the platform itself ran on a node; never what the learner typed. */
export interface CommandObservation {
  readonly kind: 'command'
  readonly node: string
  readonly argv: readonly string[]
  readonly exitCode: number | null
  readonly by: Actor | 'grader'
}
