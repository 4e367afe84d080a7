/** A running lab as the gate drives it: from outside, over the same API as the page and the CLI. */
import type { Results } from '../../wire/results.ts'

/** How a script ended on the workstation. */
export interface ScriptEnd {
  readonly exitCode: number | null
  /** The end of what it printed, for the report. */
  readonly output: string
}

export interface GateRun extends AsyncDisposable {
  readonly name: string
  /** Verdicts as they stand; counts no attempt. */
  results(): Promise<Results>
  /** Runs on the workstation as the learner, with `bash -euo pipefail`. */
  script(source: string, limitMs: number): Promise<ScriptEnd>
  /** Back to the start state, ready again. */
  reset(): Promise<void>
}

/** Starts a fresh lab and resolves when it is ready. */
export type StartRun = (lab: string, signal: AbortSignal) => Promise<GateRun>
