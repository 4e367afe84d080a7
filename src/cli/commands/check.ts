import type { AgentClient } from '../../wire/agent-client.ts'
import type { Results } from '../../wire/results.ts'
import { EXIT } from '../exit.ts'
import { type Io, print, printJson } from '../io.ts'
import { renderResults } from '../render-results.ts'

export interface CheckOptions {
  /** Empty: all. */
  readonly tasks: readonly string[]
  /** Goes on until every task passes, or `signal`. */
  readonly watch: boolean
  /** What to type for a hint, without the task, e.g. `lab hint`. */
  readonly hintCommand: string
  readonly signal: AbortSignal
}

/** How often a watch looks again; the agent grades by itself each second. */
const WATCH_EVERY_MS = 1000

/** Counts one attempt, also with `watch`: what follows only looks. Exit 3 for an `error`, 1 for a `fail`. */
export async function check(agent: AgentClient, options: CheckOptions, io: Io): Promise<number> {
  const { tasks } = options
  const request = tasks.length > 0 ? { tasks } : {}
  let results = only(await agent.post<Results>('/v1/check', request), tasks)
  show(results, options, io)
  while (options.watch && statusOf(results) !== EXIT.done && (await pause(options.signal))) {
    const next = only(await agent.get<Results>('/v1/results'), tasks)
    if (said(next) !== said(results)) show(next, options, io)
    results = next
  }
  return statusOf(results)
}

function only(results: Results, tasks: readonly string[]): Results {
  if (tasks.length === 0) return results
  return { ...results, tasks: results.tasks.filter((task) => tasks.includes(task.id)) }
}

function show(results: Results, { hintCommand }: CheckOptions, io: Io): void {
  if (io.json) printJson(io, results)
  else print(io, renderResults(results, io, hintCommand))
}

/** What a watcher would notice: not the time at which it was graded. */
function said({ tasks }: Results): string {
  return JSON.stringify(tasks.map(({ id, status, code, message }) => [id, status, code, message]))
}

function statusOf({ tasks }: Results): number {
  if (tasks.some((task) => task.status === 'error')) return EXIT.failed
  return tasks.some((task) => task.status === 'fail') ? EXIT.no : EXIT.done
}

function pause(signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const end = (goOn: boolean) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(goOn)
    }
    const stop = () => end(false)
    const timer = setTimeout(end, WATCH_EVERY_MS, true)
    signal.addEventListener('abort', stop)
  })
}
