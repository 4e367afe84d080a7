import type { ExecResult } from '../engines/types.ts'
import type { Topology } from '../wire/lab.ts'
import { type Verdict, error, fail } from './verdict.ts'
import type { History } from './history.ts'
import type { Interval } from './interval.ts'
import type { LabSpec } from './lab-definition.ts'
import { CHECK_LIMIT_MS } from './limits.ts'

/** What was asked of the running cluster. "It is not there" is an answer with `status: 404`; no answer has no status. */
export type Observed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status?: number; readonly reason: string }

/** Questions to the running cluster, with credentials of the grader's own. Nothing asked here changes the lab. */
export interface LiveQuery {
  /** GET of an API path, e.g. `/api/v1/namespaces/default/configmaps/hello`, from any API server that answers. */
  get<T>(path: string, signal: AbortSignal): Promise<Observed<T>>
  /** A read-only command on a node; recorded as `command`. */
  exec(node: string, argv: readonly string[], signal: AbortSignal): Promise<Observed<ExecResult>>
}

export interface GraderContext {
  readonly history: History
  readonly spec: LabSpec
  readonly topology: Topology
  readonly seed: number
  /** ISO time at which `up` began. */
  readonly startedAt: string
  readonly query: LiveQuery
  /** The recorder's clock, in ms since `up` began. */
  now(): number
  /** Aborts when the check's time is up. */
  readonly signal: AbortSignal
  /**
   * When earlier gradings saw what the log does not tell and the cluster does not keep, by a key of the
   * check's own: from before the question until after the answer. Empty after a reset.
   */
  readonly sightings: Map<string, Interval>
}
/** What a run gives to every check; the rest belongs to one grading. */
export type RunContext = Omit<GraderContext, 'signal' | 'sightings'>

export type Check = (context: GraderContext) => Verdict | Promise<Verdict>

/**
 * `edge`: once true stays true (the default, and right for what is read from history); `sequence`, `during`: the
 * same, said of A-then-B and of an invariant while a fault lasts; `level`: must hold now; `window`: must have
 * held at every grading for `forMs`.
 */
export type TaskCheck =
  | Check
  | { readonly mode: 'edge' | 'level' | 'sequence' | 'during'; readonly check: Check }
  | { readonly mode: 'window'; readonly forMs: number; readonly check: Check }

export interface Grader {
  /** Id of the lab. */
  readonly lab: string
  readonly tasks: Readonly<Record<string, TaskCheck>>
}

export interface GradedTask {
  readonly id: string
  readonly verdict: Verdict
}

/** What graders/<lab>.ts exports as `grader`. */
export function defineGrader(grader: Grader): Grader {
  return grader
}

export interface GradeOptions {
  /** Ids; all by default. */
  readonly tasks?: readonly string[]
  readonly limitMs?: number
  readonly sightings?: Map<string, Interval>
}

/**
 * Runs each task's check once, one after another. A check that throws or outlasts `limitMs` is
 * an `error` of that task alone. Modes are the session's matter: this is what holds now.
 */
export async function grade(
  grader: Grader,
  context: RunContext,
  options: GradeOptions = {},
): Promise<GradedTask[]> {
  const graded: GradedTask[] = []
  const { limitMs = CHECK_LIMIT_MS, sightings = new Map<string, Interval>() } = options
  for (const id of options.tasks ?? context.spec.tasks.map((task) => task.id)) {
    graded.push({ id, verdict: await gradeTask(grader, id, { ...context, sightings }, limitMs) })
  }
  return graded
}

async function gradeTask(
  grader: Grader,
  id: string,
  context: Omit<GraderContext, 'signal'>,
  limitMs: number,
): Promise<Verdict> {
  const check = grader.tasks[id]
  if (!check) return error('no-grader', `graders/${grader.lab}.ts has no check for the task ${id}.`)
  if (context.history.readyMs === null) {
    return fail('lab-not-ready', 'The lab is still starting; tasks count from ready on.')
  }
  const time = new AbortController()
  const run = typeof check === 'function' ? check : check.check
  try {
    return await Promise.race([
      // A promise of its own, so that a synchronous throw lands in the same catch.
      Promise.resolve().then(() => run({ ...context, signal: time.signal })),
      rejectAfter(limitMs, time),
    ])
  } catch (cause) {
    if (time.signal.aborted) {
      return error('grader-timeout', `The check of ${id} did not end within ${limitMs / 1000} s.`)
    }
    const reason = cause instanceof Error ? cause.message : String(cause)
    return error('grader-threw', `The check of ${id} threw: ${reason}`)
  } finally {
    time.abort()
  }
}

function rejectAfter(limitMs: number, time: AbortController): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => time.abort(new Error('time is up')), limitMs)
    time.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new Error('time is up'))
    })
  })
}

/** Puts the words for "it could not be asked" in one place: no status, or one that is no answer to the question. */
export function unanswered(observed: {
  readonly status?: number
  readonly reason: string
}): Verdict {
  const status = observed.status === undefined ? '' : ` (HTTP ${observed.status})`
  return error('not-observed', `The API could not be asked: ${observed.reason}${status}.`)
}
