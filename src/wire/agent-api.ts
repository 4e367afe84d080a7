/**
 * What an agent answers on its Unix socket (HTTP/1.1, JSON unless noted). The server relays the
 * same paths to the browser under `/api/runs/NAME/…` after its guard; `lab` in a terminal uses them too.
 *
 *   GET  /v1/run                       RunSummary
 *   GET  /v1/results                   Results (no attempt is counted)
 *   POST /v1/check     CheckRequest    Results (counts an attempt for each task named, or all)
 *   POST /v1/tasks/ID/hint             Hint
 *   POST /v1/tasks/ID/answer {value}   TaskResult
 *   POST /v1/faults    FaultRequest    FaultReceipt
 *   GET  /v1/evidence?follow=1&kind=K&from=N   application/x-ndjson, one Evidence a line
 *   POST /v1/pause · /v1/resume · /v1/reset · /v1/end     {name, state}
 *   GET  /v1/terminals                 TerminalSummary[]
 *   POST /v1/terminals {node}          TerminalSummary
 *   WS   /v1/events                    AgentEvent as text frames
 *   WS   /v1/terminals/ID              lab-term.v1 (header x-halab-role: learner|instructor|viewer)
 *   WS   /v1/exec                      one text frame ExecRequest, then see ExecFrame
 *
 * Errors: 4xx/5xx with `{error: ErrorBody}`. A caller names itself in the header `x-halab-client`
 * (`page`, `cli`, `lab`), which is what keeps a lab from pausing by itself.
 */
import type { ErrorBody } from '../errors.ts'
import type { Actor, Evidence, FaultName } from './evidence.ts'
import type { RunSummary } from './lab.ts'
import type { Results } from './results.ts'
import type { MapState } from './state.ts'

export interface CheckRequest {
  readonly tasks?: readonly string[]
}
export interface FaultRequest {
  readonly fault: FaultName
  /** `NODE` or `NODE/COMPONENT`. */
  readonly target: string
  readonly from?: readonly string[]
  readonly oneWay?: boolean
  readonly by?: Actor
}
export interface FaultReceipt {
  readonly fault: FaultName
  readonly target: string
  readonly at: string
  /** Line number of the fault's `begin` in the evidence. */
  readonly evidence: number
}

export interface TerminalSummary {
  readonly id: string
  readonly node: string
  readonly title: string
  readonly exited: boolean
}

export type AgentEvent =
  | { readonly type: 'run'; readonly run: RunSummary }
  | { readonly type: 'map'; readonly map: MapState }
  | { readonly type: 'results'; readonly results: Results }
  | { readonly type: 'terminals'; readonly terminals: readonly TerminalSummary[] }
  /** Notable lines as they are written (faults, leases, verdicts, process, lab): for announcements. */
  | { readonly type: 'evidence'; readonly line: Evidence }

export interface ExecRequest {
  readonly node: string
  readonly argv: readonly string[]
  readonly timeoutMs?: number
}
/**
 * After the request, client → agent: binary frames are standard input, the text frame `{"eof":true}`
 * its end, `{"signal":"SIGINT"}` a signal. Agent → client: binary frames with a first byte 1 (stdout)
 * or 2 (stderr), last the text frame ExecEnd, then close.
 */
export type ExecEnd =
  | { readonly exitCode: number | null; readonly signal: string | null; readonly timedOut: boolean }
  | { readonly error: ErrorBody }
