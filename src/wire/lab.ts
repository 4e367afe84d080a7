/** Labs as the outside sees them. */
import type { ErrorBody } from '../errors.ts'
import type { LabState } from './evidence.ts'

export type EngineName = 'namespaces' | 'kind' | 'pods'
export type NodeRole = 'control-plane' | 'worker' | 'etcd' | 'load-balancer' | 'workstation'
export type NodeName = string

export interface Topology {
  readonly controlPlanes: 1 | 2 | 3 | 5
  readonly workers: number
  readonly etcd: 'stacked' | 'external'
  readonly balancers: 1 | 2
}

/** Departures from Kubernetes' defaults, in seconds and bytes. */
export interface LabTimers {
  readonly leaseDurationSeconds?: number
  readonly renewDeadlineSeconds?: number
  readonly retryPeriodSeconds?: number
  readonly nodeMonitorGraceSeconds?: number
  readonly etcdQuotaBytes?: number
}

export interface TaskSummary {
  readonly id: string
  readonly title: string
  readonly points: number
  readonly kind: 'do' | 'question'
}

/** A row of `halab labs`. */
export interface LabSummary {
  readonly id: string
  readonly title: string
  readonly module: string
  readonly minutes: number
  readonly engines: readonly EngineName[]
  readonly tasks: readonly TaskSummary[]
}

export interface NodeSummary {
  readonly name: NodeName
  readonly role: NodeRole
  readonly address: string
}

/** A running lab: `halab up --json`, and (without `ms`, `nodes`) a row of `halab ls`. */
export interface RunSummary {
  readonly name: string
  readonly lab: string
  readonly engine: EngineName
  readonly seed: number
  readonly state: LabState
  readonly startedAt: string
  /** Milliseconds since `up` began; null until reached. */
  readonly ms: { readonly usable: number | null; readonly ready: number | null }
  readonly nodes: readonly NodeSummary[]
  /** Sum of PSS of everything the lab runs; null when not yet measured. */
  readonly memoryBytes: number | null
  /** The stage that boot is in, for progress lines. */
  readonly stage: string
  /** Set when state is `failed`. */
  readonly error?: ErrorBody
}
