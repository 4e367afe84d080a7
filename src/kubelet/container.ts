import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { ExitStatus, NodeRuntime, RunningProcess, Sandbox } from '../engines/types.ts'
import { errorBody } from '../errors.ts'
import type { Activity } from './activity.ts'
import { openContainerLog } from './container-log.ts'
import type { ContainerLog } from './container-log.ts'
import type { PodIdentity } from './container-runtime.ts'
import { SIMULATED_START_MAX_MS, SIMULATED_START_MIN_MS } from './limits.ts'

export interface ContainerSpec {
  readonly name: string
  readonly image: string
  /** 0 for the first run. */
  readonly restart: number
  /** Absent: there is no program for this image, the container is simulated. */
  readonly process?: {
    readonly argv: readonly string[]
    readonly env: Readonly<Record<string, string>>
    readonly cwd?: string
    /** Name in the evidence. */
    readonly component: string
  }
  /** A simulated container of this kind is done at once, as an init container is. */
  readonly completes: boolean
}

export interface ContainerExit {
  readonly exitCode: number
  /** Number of the signal that ended it. */
  readonly signal?: number
  /** `Completed`, `Error`, `StartError`. */
  readonly reason: string
  readonly message?: string
  readonly finishedAt: Date
}

/** One run of a container. */
export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string
  readonly name: string
  readonly image: string
  readonly restart: number
  readonly simulated: boolean
  readonly startedAt: Date
  readonly log: ContainerLog
  /** Null while it runs. */
  readonly exit: ContainerExit | null
  readonly exited: Promise<ContainerExit>
  /** SIGTERM, then SIGKILL after `graceMs`; a later call may only shorten the grace. */
  stop(graceMs: number): Promise<ContainerExit>
}

export interface ContainerRequest {
  readonly node: NodeRuntime
  readonly activity: Activity
  readonly pod: PodIdentity
  readonly sandbox: Sandbox | undefined
  readonly spec: ContainerSpec
  readonly logPath: string
  readonly signal: AbortSignal
}

/** Starts one run. A program that cannot be started yields a container that has ended with `StartError`. */
export async function runContainer(request: ContainerRequest): Promise<Container> {
  const log = await openContainerLog(request.node, request.logPath)
  try {
    return request.spec.process ? await runProcess(request, log) : await runSimulated(request, log)
  } catch (error) {
    await log.end()
    throw error
  }
}

async function runProcess(request: ContainerRequest, log: ContainerLog): Promise<Container> {
  const { node, spec, sandbox } = request
  let running: RunningProcess
  try {
    running = await node.start({
      argv: spec.process?.argv ?? [],
      env: spec.process?.env ?? {},
      component: spec.process?.component ?? spec.name,
      onOutput: (stream, chunk) => log.write(stream, chunk),
      ...(spec.process?.cwd && { cwd: spec.process.cwd }),
      ...(sandbox && { sandbox }),
    })
  } catch (error) {
    const { message } = errorBody(error)
    const failed = { exitCode: 128, reason: 'StartError', message, finishedAt: new Date() }
    return container(request, log, new Date(), Promise.resolve(failed), () => undefined)
  }
  const exited = running.exited.then(toExit)
  return container(request, log, running.startedAt, exited, (signal) =>
    running.signal(signal, 'kubelet'),
  )
}

async function runSimulated(request: ContainerRequest, log: ContainerLog): Promise<Container> {
  const { spec, signal } = request
  const draw = createHash('md5').update(`${request.pod.uid}/${spec.name}`).digest()[0] ?? 0
  const range = SIMULATED_START_MAX_MS - SIMULATED_START_MIN_MS
  const startMs = SIMULATED_START_MIN_MS + (range * draw) / 255
  if (!spec.completes) await delay(startMs, undefined, { signal })
  const sentence = `This container is simulated: halab has no program for the image ${spec.image}.\n`
  log.write('stdout', Buffer.from(sentence))
  const ending = Promise.withResolvers<ContainerExit>()
  const end = () => ending.resolve({ exitCode: 0, reason: 'Completed', finishedAt: new Date() })
  if (spec.completes) end()
  return container(request, log, new Date(), ending.promise, end)
}

function container(
  { spec, activity, node }: ContainerRequest,
  log: ContainerLog,
  startedAt: Date,
  ended: Promise<ContainerExit>,
  kill: (signal: 'SIGTERM' | 'SIGKILL') => void,
): Container {
  let exit: ContainerExit | null = null
  let killTimer: NodeJS.Timeout | null = null
  let killAt = Infinity
  const exited = ended.then(async (result) => {
    if (killTimer) clearTimeout(killTimer)
    await log.end()
    exit = result
    return result
  })

  async function killNow(): Promise<void> {
    // A frozen node's kubelet is frozen too: its deadlines pass when it thaws.
    await activity.whenActive(node.poweredOff)
    if (!exit) kill('SIGKILL')
  }
  return {
    id: randomBytes(32).toString('hex'),
    name: spec.name,
    image: spec.image,
    restart: spec.restart,
    simulated: !spec.process,
    startedAt,
    log,
    get exit() {
      return exit
    },
    exited,
    stop(graceMs) {
      if (exit) return exited
      if (killAt === Infinity && graceMs > 0) kill('SIGTERM')
      const at = performance.now() + graceMs
      if (at < killAt) {
        killAt = at
        if (killTimer) clearTimeout(killTimer)
        killTimer = setTimeout(() => void killNow(), graceMs)
      }
      return exited
    },
  }
}

function toExit({ code, signal }: ExitStatus): ContainerExit {
  const number = signal ? constants.signals[signal] : undefined
  const exitCode = code ?? 128 + (number ?? 0)
  return {
    exitCode,
    ...(number !== undefined && { signal: number }),
    reason: exitCode === 0 ? 'Completed' : 'Error',
    finishedAt: new Date(),
  }
}
