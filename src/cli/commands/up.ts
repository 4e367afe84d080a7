import { endRun, launchRun } from '../../engines/launch.ts'
import { HalabError } from '../../errors.ts'
import { loadLab } from '../../grading/load.ts'
import { checkoutDir } from '../../paths.ts'
import { progressPrinter } from '../../toolchain/index.ts'
import type { AgentClient } from '../../wire/agent-client.ts'
import type { EngineName, RunSummary } from '../../wire/lab.ts'
import { type BootProgress, bootProgress, stageName } from '../boot-progress.ts'
import { EXIT } from '../exit.ts'
import { type Io, note, paint, print, printJson } from '../io.ts'
import { prepare } from '../prepare.ts'

export interface UpOptions {
  readonly lab: string
  readonly engine: EngineName
  readonly name?: string
  readonly seed?: number
  readonly wait: 'usable' | 'ready'
}

/** Starts a lab and waits. An aborted `signal` ends it again and throws `interrupted`. */
export async function up(options: UpOptions, io: Io, signal: AbortSignal): Promise<number> {
  const { lab, engine, name, seed, wait } = options
  const { spec } = await loadLab(checkoutDir, lab)
  if (!spec.engines.includes(engine)) {
    throw new HalabError('bad-engine', `${lab} does not run on engine ${engine}`, {
      hint: `It runs on ${spec.engines.join(', ')}.`,
    })
  }
  await prepare('lab', { onProgress: progressPrinter(io.stderr), signal })
  // What had to be installed first is no part of a lab's start.
  const began = performance.now()
  const progress = bootProgress(io.stderr)
  try {
    const agent = await launchRun(
      {
        lab,
        engine,
        ...(name !== undefined && { name }),
        ...(seed !== undefined && { seed }),
        onStep: (step) => progress.stage(step, performance.now() - began),
      },
      signal,
    )
    const run = await untilWaited(agent, wait, progress, signal)
    progress.end()
    show(run, wait, io)
    return EXIT.done
  } catch (error) {
    progress.end()
    if (!signal.aborted) throw error
    throw new HalabError('interrupted', 'the half-started lab was ended', { cause: error })
  }
}

/** Ends the lab when it failed or was interrupted: a half-started one is of no use. */
async function untilWaited(
  agent: AgentClient,
  wait: UpOptions['wait'],
  progress: BootProgress,
  signal: AbortSignal,
): Promise<RunSummary> {
  const { name } = await agent.get<RunSummary>('/v1/run')
  try {
    return await untilState(agent, wait, progress, signal)
  } catch (error) {
    await endRun(name)
    throw error
  }
}

/** Throws what the lab failed with; `lab-ended` when somebody else ended it. */
export async function untilState(
  agent: AgentClient,
  wait: UpOptions['wait'],
  progress: BootProgress,
  signal: AbortSignal,
): Promise<RunSummary> {
  for await (const line of agent.evidence({ follow: true, kind: 'lab', signal })) {
    if (line.kind !== 'lab') continue
    progress.stage(stageName(line), line.ms)
    if (line.state === wait || line.state === 'ready') return agent.get<RunSummary>('/v1/run')
    if (line.state === 'failed') throw await reasonOf(agent)
  }
  signal.throwIfAborted()
  throw new HalabError('lab-ended', `the lab ended before it was ${wait}`)
}

async function reasonOf(agent: AgentClient): Promise<HalabError> {
  const { error, stage } = await agent.get<RunSummary>('/v1/run')
  if (!error) return new HalabError('boot-failed', `the lab failed in stage ${stage}`)
  return new HalabError(error.code, error.message, error.hint ? { hint: error.hint } : {})
}

function show(run: RunSummary, wait: UpOptions['wait'], io: Io): void {
  const { name, lab, engine, seed, state, ms, nodes } = run
  if (io.json) {
    printJson(io, { name, lab, engine, seed, state, ms, nodes })
    return
  }
  print(io, name)
  const took = ((ms[wait] ?? 0) / 1000).toFixed(1)
  const hint = `${state} after ${took} s. A terminal: halab shell ${name} · its end: halab down ${name}`
  note(io, paint(io.stderr, 'dim', hint))
}
