/** What a reader can do to the lab. Each action tells the server and writes what comes back to the store. */
import { errorBody, isHalabError } from '../../errors.ts'
import type {
  AgentEvent,
  FaultReceipt,
  FaultRequest,
  TerminalSummary,
} from '../../wire/agent-api.ts'
import type { Evidence, FaultName } from '../../wire/evidence.ts'
import type { RunSummary } from '../../wire/lab.ts'
import type { Hint, Results, TaskResult } from '../../wire/results.ts'
import type { LabListing, Progress } from '../../wire/server-api.ts'
import { get, getLines, post, put } from './api.ts'
import { followEvents } from './events.ts'
import { Narrator } from './narrator.ts'
import type { PageFacts } from './page.ts'
import { NO_RUN, labState, update } from './store.ts'
import { openSession } from './session.ts'

let following: AbortController | undefined
let narrator = new Narrator()

/** At the start and on each page: the session, the labs, the run that belongs to the page's lab. */
export async function enterPage({ lab, lesson }: PageFacts) {
  update({ lab, error: null })
  if (labState().session !== 'open') update({ session: await openSession() })
  if (labState().session !== 'open') return
  await attempt(async () => {
    const [labs, runs, progress] = await Promise.all([
      get<LabListing[]>('/labs'),
      get<RunSummary[]>('/runs'),
      get<Progress>('/progress'),
    ])
    update({ labs, passedLabs: progress.passed, lessons: progress.lessons })
    const living = runs.filter(({ state }) => state !== 'ended')
    update({ otherRuns: living.filter((run) => run.lab !== lab) })
    if (lab !== null) follow(living.find((run) => run.lab === lab) ?? null)
    if (lesson !== null)
      await put(`/progress/lessons/${encodeURIComponent(lesson)}`, { state: 'seen' })
  })
}

export async function startLab() {
  const { lab } = labState()
  if (lab === null) return
  update({ starting: true, error: null })
  await attempt(async () => follow(await post<RunSummary>('/runs', { lab })))
  update({ starting: false })
}

export async function endLab(name = labState().run?.name) {
  if (name === undefined) return
  await attempt(async () => {
    await post(`/runs/${name}/end`)
    const { run, otherRuns } = labState()
    if (run?.name === name) follow(null)
    update({ otherRuns: otherRuns.filter((other) => other.name !== name) })
  })
}

export const resetLab = () => onRun('reset')
export const pauseLab = () => onRun('pause')
export const resumeLab = () => onRun('resume')

export async function injectFault(fault: FaultName, target: string) {
  const request: FaultRequest = { fault, target, by: 'learner' }
  await attempt(() => post<FaultReceipt>(`${runPath()}/faults`, request))
}

export async function checkTasks(tasks?: readonly string[]) {
  await attempt(async () =>
    update({ results: await post<Results>(`${runPath()}/check`, tasks ? { tasks } : {}) }),
  )
}

export async function takeHint(task: string) {
  await attempt(async () => {
    const hint = await post<Hint>(`${runPath()}/tasks/${task}/hint`)
    const { hints } = labState()
    const known = hints[task] ?? []
    if (known.some((other) => other.hint === hint.hint)) return
    update({ hints: { ...hints, [task]: [...known, hint] } })
  })
}

export async function answerTask(task: string, value: string) {
  await attempt(async () => {
    const result = await post<TaskResult>(`${runPath()}/tasks/${task}/answer`, { value })
    const { results } = labState()
    if (!results) return
    const tasks = results.tasks.map((other) => (other.id === task ? result : other))
    update({ results: { ...results, tasks } })
  })
}

/** Path of the present run under /api. Throws when none runs, which `attempt` shows. */
export function runPath(): string {
  const name = labState().run?.name
  if (name === undefined) throw new Error('No lab is running')
  return `/runs/${encodeURIComponent(name)}`
}

async function onRun(action: 'pause' | 'resume' | 'reset') {
  await attempt(() => post(`${runPath()}/${action}`))
}

function follow(run: RunSummary | null) {
  if (run !== null && run.name === labState().run?.name) return
  following?.abort()
  following = undefined
  narrator = new Narrator()
  update({ ...NO_RUN, run })
  if (run === null) return
  following = new AbortController()
  const { signal } = following
  const listener = {
    event: onEvent,
    connection: (connection: 'open' | 'retrying') => {
      update({ connection })
      if (connection === 'open') void catchUp()
    },
    gone: () => follow(null),
  }
  void followEvents(run.name, listener, signal)
}

/** What events do not repeat to somebody who comes late: which terminals there are, the boot so far. */
async function catchUp() {
  await attempt(async () => {
    const [terminals, log] = await Promise.all([
      get<TerminalSummary[]>(`${runPath()}/terminals`),
      getLines<Evidence>(`${runPath()}/evidence?kind=lab`),
    ])
    const steps = log.flatMap((line) =>
      line.kind === 'lab' && line.stage ? { stage: line.stage, ms: line.ms } : [],
    )
    update({ terminals, steps })
  })
}

function onEvent(event: AgentEvent) {
  if (event.type === 'run') return onRunEvent(event.run)
  if (event.type === 'map') return update({ map: event.map, mapAt: performance.now() })
  if (event.type === 'results') return onResults(event.results)
  if (event.type === 'terminals') return update({ terminals: event.terminals })
  const { line } = event
  if (line.kind === 'lab' && line.stage) {
    const steps = labState().steps.filter(({ stage }) => stage !== line.stage)
    update({ steps: [...steps, { stage: line.stage, ms: line.ms }] })
  }
  const news = narrator.tell(line)
  if (news !== null) update({ news })
}

function onRunEvent(run: RunSummary) {
  if (run.state === 'ended') return follow(null)
  const reset = run.state === 'resetting' && labState().run?.state !== 'resetting'
  update(reset ? { run, steps: [], results: null } : { run })
}

function onResults(results: Results) {
  const passed = results.tasks.every(({ status }) => status === 'pass')
  const { passedLabs } = labState()
  const news = passed && !passedLabs.includes(results.lab)
  update(news ? { results, passedLabs: [...passedLabs, results.lab] } : { results })
}

/** An action's failure is shown in the dock, never thrown into the page. */
async function attempt(action: () => Promise<unknown>) {
  try {
    update({ error: null })
    await action()
  } catch (error) {
    if (isHalabError(error) && error.code === 'no-session') update({ session: 'none' })
    else update({ error: errorBody(error) })
  }
}
