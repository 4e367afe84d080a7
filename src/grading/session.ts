import { HalabError } from '../errors.ts'
import type { AnswerObservation, VerdictObservation } from '../wire/evidence.ts'
import type { Hint, Results, TaskResult } from '../wire/results.ts'
import { type RunContext, type Grader, grade } from './grader.ts'
import type { Interval } from './interval.ts'
import type { TaskSpec } from './lab-definition.ts'
import type { Verdict } from './verdict.ts'
import { type Standing, freshStanding, settle } from './standing.ts'

/** What outlives a reset and a restart of the agent. */
export interface TaskCounts {
  readonly attempts: number
  /** How many hints were shown, by reason code. */
  readonly shown: Readonly<Record<string, number>>
}

export interface GradingSessionOptions {
  readonly grader: Grader
  readonly context: RunContext
  readonly run: { readonly name: string; readonly engine: string }
  /** Writes to the evidence log; the line must be in `context.history` when this returns. */
  record(observation: AnswerObservation | VerdictObservation): void
  /** Counts of an earlier session of the same run. */
  readonly counts?: Readonly<Record<string, TaskCounts>>
  /** Called after each change of a task's counts, to keep them. */
  onCounts?(task: string, counts: TaskCounts): void
}

export interface GradingSession {
  /** The automatic check, meant for each second: counts no attempt. One at a time; a call in between shares the next. */
  evaluate(): Promise<Results>
  /** The learner's own check: an attempt for each of `tasks`, or for all. Throws `unknown-task`. */
  check(tasks?: readonly string[]): Promise<Results>
  /** Records an answer and an attempt, and grades the task. Throws `unknown-task`, `not-a-question`, `lab-not-ready`. */
  answer(task: string, value: string): Promise<TaskResult>
  /** The next hint for the task's present reason. Throws `unknown-task`, `already-passed`, `no-hint`. */
  hint(task: string): Hint
  /** As last evaluated. */
  results(): Results
}

interface TaskState {
  standing: Standing
  at: string
  counts: TaskCounts
}

/** Keeps what one run's tasks have come to: verdicts by their modes, attempts, hints. */
export function createGradingSession(options: GradingSessionOptions): GradingSession {
  const { grader, context, record } = options
  const { spec, history } = context
  let epoch = history.epoch
  const states = new Map(spec.tasks.map((task) => [task.id, fresh(task)]))
  let queue: Promise<unknown> = Promise.resolve()
  let waiting: Promise<Results> | null = null
  const sightings = new Map<string, Interval>()

  function fresh(task: TaskSpec): TaskState {
    const counts = options.counts?.[task.id] ?? { attempts: 0, shown: {} }
    return { standing: freshStanding(), at: new Date().toISOString(), counts }
  }

  function stateOf(task: string): TaskState {
    const state = states.get(task)
    if (state) return state
    throw new HalabError('unknown-task', `The lab ${spec.id} has no task ${task}.`, {
      hint: `Its tasks are ${spec.tasks.map(({ id }) => id).join(', ')}.`,
    })
  }

  function count(task: string, counts: TaskCounts): void {
    stateOf(task).counts = counts
    options.onCounts?.(task, counts)
  }

  /** After a reset nothing that was decided before holds, not even until the next grading. */
  function enterEpoch(): void {
    if (history.epoch === epoch) return
    epoch = history.epoch
    sightings.clear()
    for (const state of states.values()) state.standing = freshStanding()
  }

  async function gradeNow(tasks?: readonly string[]): Promise<Results> {
    enterEpoch()
    // While a lab stands still nothing can be decided anew; what was decided stays.
    if (history.state !== 'paused' && history.state !== 'ended') {
      const asked = epoch
      const graded = await grade(grader, context, { tasks, sightings })
      // A reset in between: what was found belongs to what is gone.
      if (history.epoch === asked) for (const { id, verdict } of graded) settleTask(id, verdict)
    }
    return results()
  }

  function settleTask(id: string, verdict: Verdict): void {
    const state = stateOf(id)
    const before = state.standing.verdict
    state.standing = settle(state.standing, verdict, grader.tasks[id], context.now())
    const { status, code, message } = state.standing.verdict
    if (before.status === status && before.code === code) return
    state.at = new Date().toISOString()
    record({ kind: 'verdict', task: id, status, code, message })
  }

  /** One grading at a time: latches and counts then need no locks. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(work)
    queue = turn.catch(() => undefined)
    return turn
  }

  function resultOf(task: TaskSpec): TaskResult {
    const { standing, at, counts } = stateOf(task.id)
    const { status, code, message, evidence } = standing.verdict
    const points = status === 'pass' ? task.points : 0
    const hints = Object.values(counts.shown).reduce((sum, each) => sum + each, 0)
    return {
      id: task.id,
      status,
      code,
      message,
      points,
      max: task.points,
      attempts: counts.attempts,
      hints,
      at,
      evidence,
    }
  }

  function results(): Results {
    enterEpoch()
    const tasks = spec.tasks.map(resultOf)
    const sum = (key: 'points' | 'max'): number =>
      tasks.reduce((total, task) => total + task[key], 0)
    return {
      version: 1,
      lab: spec.id,
      name: options.run.name,
      engine: options.run.engine,
      seed: context.seed,
      startedAt: context.startedAt,
      score: sum('points'),
      max: sum('max'),
      tasks,
    }
  }

  return {
    evaluate() {
      waiting ??= inTurn(() => {
        waiting = null
        return gradeNow()
      })
      return waiting
    },
    async check(tasks) {
      const named = tasks?.length ? tasks : spec.tasks.map(({ id }) => id)
      for (const task of named) stateOf(task)
      return inTurn(async () => {
        for (const task of named) {
          const { counts } = stateOf(task)
          count(task, { ...counts, attempts: counts.attempts + 1 })
        }
        return gradeNow(named)
      })
    },
    async answer(id, value) {
      const state = stateOf(id)
      const task = spec.tasks.find((each) => each.id === id)
      if (task?.kind !== 'question') {
        throw new HalabError('not-a-question', `The task ${id} is done in the lab, not answered.`)
      }
      if (history.readyMs === null) {
        throw new HalabError('lab-not-ready', 'The lab is still starting.', {
          hint: 'Answer again when it is ready: the answer is about the running lab.',
        })
      }
      record({ kind: 'answer', task: id, value: value.trim() })
      return inTurn(async () => {
        count(id, { ...state.counts, attempts: state.counts.attempts + 1 })
        await gradeNow([id])
        return resultOf(task)
      })
    },
    hint(id) {
      const { standing, counts } = stateOf(id)
      const { status, code } = standing.verdict
      if (status === 'pass') {
        throw new HalabError(
          'already-passed',
          `The task ${id} has passed: there is nothing to hint at.`,
        )
      }
      const hints = spec.tasks.find((task) => task.id === id)?.hints ?? {}
      const key = hints[code] ? code : '*'
      const list = hints[key] ?? []
      const n = Math.min((counts.shown[key] ?? 0) + 1, list.length)
      const hint = list[n - 1]
      if (hint === undefined) {
        throw new HalabError('no-hint', `There is no hint for ${id} at "${code}".`, {
          hint: 'Read what the verdict says was seen, and what is missing.',
        })
      }
      count(id, { ...counts, shown: { ...counts.shown, [key]: n } })
      return { hint, n, of: list.length }
    },
    results,
  }
}
