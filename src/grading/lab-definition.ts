/** What `labs/<id>/lab.ts` exports: the kit's first half. Pure data and one `setup` function. */
import type { ExecOptions, ExecResult } from '../engines/types.ts'
import type { FaultRequest } from '../wire/agent-api.ts'
import type { EngineName, LabTimers, TaskSummary, Topology } from '../wire/lab.ts'

export type { LabTimers }

export interface LabSpec {
  readonly id: string
  readonly title: string
  /** Folder of its module in `content/`, e.g. `leader-election`. */
  readonly module: string
  readonly minutes: number
  readonly topology: Topology
  /** Departures from Kubernetes' defaults, shown to the learner beside them. */
  readonly timers?: LabTimers
  readonly addons?: readonly Addon[]
  readonly setup: (context: SetupContext) => Promise<void>
  readonly tasks: readonly TaskSpec[]
  readonly engines: readonly EngineName[]
}
export type Addon = 'kube-proxy'

export interface TaskSpec extends TaskSummary {
  /** By reason code: first a nudge, then more explicit, last the solution. */
  readonly hints: Readonly<Record<string, readonly string[]>>
}

/** What set-up may do. Runs in the agent after `usable`; everything is recorded with `by: "setup"`. */
export interface SetupContext {
  readonly seed: number
  /** Deterministic by seed and `salt`, in [0, n). */
  draw(salt: string, n: number): number
  /** Runs on a node and throws `setup-failed` unless it exits 0. */
  exec(node: string, argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  /** Applies a manifest that lies in the lab's folder. */
  apply(file: string): Promise<void>
  fault(request: FaultRequest): Promise<void>
  /** Polls until it returns true; throws `setup-timeout` naming `what`. */
  until(what: string, condition: () => Promise<boolean>, timeoutMs?: number): Promise<void>
}
