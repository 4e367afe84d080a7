/** Labs that run on this machine, found by their folders below the runtime dir. */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HalabError, isHalabError } from '../errors.ts'
import { runtimeDir } from '../paths.ts'
import { agentClient, type AgentClient, type ClientName } from '../wire/agent-client.ts'
import type { RunSummary } from '../wire/lab.ts'

export const NAME_PATTERN = /^[a-z0-9][a-z0-9-]{0,30}$/

export type Preparation = 'golden' | 'compiled'

/** What `up` leaves in a run's folder before the agent starts. */
export interface RunFile {
  readonly name: string
  /** Absent: it prepares what other labs need, and ends. */
  readonly lab?: string
  readonly prepares?: readonly Preparation[]
  readonly engine: RunSummary['engine']
  readonly seed: number
  readonly startedAt: string
  /** `process.hrtime.bigint()` at which `up` began, as a decimal; the clock is the machine's. */
  readonly beganNs: string
  readonly goldenKey: string
}

export const runFolder = (name: string): string => join(runtimeDir(), name)
export const runSocket = (name: string): string => join(runFolder(name), 'agent.sock')

/** Throws `unknown-run` with the names there are. */
export async function connectRun(name: string, client: ClientName = 'cli'): Promise<AgentClient> {
  if (NAME_PATTERN.test(name)) {
    const agent = agentClient(runSocket(name), client)
    if ((await summaryOf(agent)) !== undefined) return agent
  }
  const names = (await listRuns()).map((run) => run.name)
  throw new HalabError('unknown-run', `no lab named ${name} is running`, {
    hint: names.length > 0 ? `running: ${names.join(', ')}` : '`halab up LAB` starts one',
  })
}

/** All running labs, oldest first. Folders of labs whose agent is gone are removed on the way. */
export async function listRuns(): Promise<RunSummary[]> {
  const names = await readdir(runtimeDir()).catch(() => [] as string[])
  const runs = await Promise.all(names.filter((name) => NAME_PATTERN.test(name)).map(inspect))
  return runs
    .filter((run) => run !== undefined)
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
}

async function inspect(name: string): Promise<RunSummary | undefined> {
  const summary = await summaryOf(agentClient(runSocket(name)))
  if (summary) return summary
  const run = await readRunFile(name)
  if (await isLive(name)) {
    // Its agent has not opened the socket yet, or is too busy to answer.
    return run?.lab === undefined ? undefined : starting(run, run.lab)
  }
  await rm(runFolder(name), { recursive: true, force: true })
  return undefined
}

export async function readRunFile(name: string): Promise<RunFile | undefined> {
  try {
    return JSON.parse(await readFile(join(runFolder(name), 'run.json'), 'utf8')) as RunFile
  } catch {
    return undefined
  }
}

function starting(run: RunFile, lab: string): RunSummary {
  return {
    name: run.name,
    lab,
    engine: run.engine,
    seed: run.seed,
    state: 'booting',
    startedAt: run.startedAt,
    ms: { usable: null, ready: null },
    nodes: [],
    memoryBytes: null,
    stage: 'launch',
  }
}

async function summaryOf(agent: AgentClient): Promise<RunSummary | undefined> {
  try {
    return await agent.get<RunSummary>('/v1/run')
  } catch (error) {
    if (isHalabError(error) && error.code === 'lab-gone') return undefined
    throw error
  }
}

/** A folder that was just made has no watcher yet: it is given a moment. */
const LAUNCH_GRACE_MS = 10_000

async function isLive(name: string): Promise<boolean> {
  const pidFile = join(runFolder(name), 'watcher.pid')
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
  if (pid > 0) return watcherRuns(pid, name)
  const made = await stat(runFolder(name)).catch(() => undefined)
  return made !== undefined && Date.now() - made.mtimeMs < LAUNCH_GRACE_MS
}

/** The pid may have been given to somebody else since: its environment names the run. */
async function watcherRuns(pid: number, name: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  return environment.split('\0').includes(`HALAB_L_RUN=${runFolder(name)}`)
}
