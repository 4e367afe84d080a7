/** What `halab check --json` prints: contract, version 1. */
export interface Results {
  readonly version: 1
  readonly lab: string
  readonly name: string
  readonly engine: string
  readonly seed: number
  readonly startedAt: string
  readonly score: number
  readonly max: number
  readonly tasks: readonly TaskResult[]
}

export type TaskStatus = 'pass' | 'fail' | 'error'

export interface TaskResult {
  readonly id: string
  readonly status: TaskStatus
  /** Reason code, e.g. `leader-not-killed`; `ok` for a pass. */
  readonly code: string
  /** One or two sentences: what was seen, what is missing. */
  readonly message: string
  readonly points: number
  readonly max: number
  readonly attempts: number
  readonly hints: number
  readonly at: string
  /** Numbers of the evidence lines that the verdict rests on. */
  readonly evidence: readonly number[]
}

/** `halab hint`: the nth of `of` hints for the task's present reason. */
export interface Hint {
  readonly hint: string
  readonly n: number
  readonly of: number
}
