/** `up`, seen from outside: names a lab, makes its folders, starts its agent and waits for its socket. */
import { chmod, copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { existsSync, watch } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { goldenKey } from '../cluster/golden-key.ts'
import { HalabError } from '../errors.ts'
import { cacheDir, runtimeDir, stateDir } from '../paths.ts'
import { binDir } from '../toolchain/index.ts'
import { agentClient, type AgentClient } from '../wire/agent-client.ts'
import type { EngineName, RunSummary } from '../wire/lab.ts'
import { launchInNamespaces } from './namespaces/launch.ts'
import { namespacesEngine } from './namespaces/index.ts'
import { expireArchives } from './archives.ts'
import { connectRun, listRuns, NAME_PATTERN, runFolder, runSocket, type RunFile } from './runs.ts'

export interface LaunchRequest {
  readonly lab: string
  readonly engine?: EngineName
  /** Default: `<lab>-<4 letters>`. */
  readonly name?: string
  /** Default: drawn. */
  readonly seed?: number
  /** `process.hrtime.bigint()` when the person asked; default now. */
  readonly beganNs?: bigint
  readonly onStep?: (step: string) => void
}

/** A Unix socket's path holds 107 bytes; the contract leaves room below 100. */
const MAX_SOCKET_PATH_BYTES = 100
const SOCKET_TIMEOUT_MS = 20_000
const SOCKET_RETRY_MS = 5

/**
 * Resolves once the agent answers; boot goes on there. An aborted `signal` ends the half-started lab.
 * The binaries must be there (`toolchain`), and so must the lab: this does not read its definition.
 */
export async function launchRun(
  request: LaunchRequest,
  signal?: AbortSignal,
): Promise<AgentClient> {
  const beganNs = request.beganNs ?? process.hrtime.bigint()
  const engine = request.engine ?? 'namespaces'
  await requireSupport(engine)
  await ensureGolden(request.onStep, signal)
  const name = request.name ?? freshName(request.lab)
  return startAgent(
    {
      name,
      lab: request.lab,
      engine,
      seed: request.seed ?? Math.floor(Math.random() * 2 ** 31),
      startedAt: new Date().toISOString(),
      beganNs: String(beganNs),
      goldenKey: goldenKey(),
    },
    signal,
  )
}

async function startAgent(run: RunFile, signal?: AbortSignal): Promise<AgentClient> {
  const folder = await claimFolder(run.name)
  const archive = await freshArchive(run.name)
  let watcher: number | undefined
  try {
    await writeFile(join(folder, 'run.json'), JSON.stringify(run), { mode: 0o600 })
    const golden = goldenDir()
    await mkdir(golden, { recursive: true, mode: 0o700 })
    await chmod(golden, 0o755)
    watcher = await launchInNamespaces({ run: folder, archive, binaries: binDir(), golden })
    await writeFile(join(folder, 'watcher.pid'), String(watcher))
    await socketAppears(folder, run.name, archive, signal)
    return agentClient(runSocket(run.name))
  } catch (error) {
    // Nobody listens yet who could be asked to end it.
    if (watcher !== undefined) killLab(watcher)
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** The watcher leads a process group that reaches into the lab, whose first process dies with it. */
function killLab(watcher: number): void {
  try {
    process.kill(-watcher, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

async function requireSupport(engine: EngineName): Promise<void> {
  if (engine !== 'namespaces') {
    throw new HalabError('unknown-engine', `engine ${engine} is not available`, {
      hint: 'use --engine namespaces',
    })
  }
  const support = await namespacesEngine.support()
  const [first] = support.missing
  if (first) throw new HalabError(first.code, first.message, { hint: first.hint })
}

async function claimFolder(name: string): Promise<string> {
  if (!NAME_PATTERN.test(name)) {
    throw new HalabError('bad-name', `${name} cannot be a lab's name`, {
      hint: 'lower-case letters, digits and dashes, 31 at the most, not beginning with a dash',
    })
  }
  if (Buffer.byteLength(runSocket(name)) > MAX_SOCKET_PATH_BYTES) {
    throw new HalabError('path-too-long', `${runSocket(name)} is too long for a socket`, {
      hint: 'set HALAB_RUNTIME or XDG_RUNTIME_DIR to a shorter folder',
    })
  }
  await mkdir(runtimeDir(), { recursive: true, mode: 0o700 })
  // Removes the folder of an earlier lab of this name that was killed.
  const running = await listRuns()
  try {
    await mkdir(runFolder(name), { mode: 0o700 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new HalabError('name-taken', `a lab named ${name} is running`, {
      hint: `end it with \`halab down ${name}\`, or give another --name`,
      cause: running,
    })
  }
  return runFolder(name)
}

/** The folder that stays; one of an earlier run of this name steps aside. */
async function freshArchive(name: string): Promise<string> {
  const runs = join(stateDir(), 'runs')
  await mkdir(runs, { recursive: true, mode: 0o700 })
  await expireArchives(runs)
  const archive = join(runs, name)
  const earlier = await stat(archive).catch(() => undefined)
  if (earlier) await rename(archive, `${archive}.${earlier.mtime.toISOString().replace(/:/g, '-')}`)
  await mkdir(archive, { mode: 0o700 })
  return archive
}

function socketAppears(
  folder: string,
  name: string,
  archive: string,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (code: string, message: string) => {
      done()
      reject(
        new HalabError(code, message, { hint: `the agent's log: ${join(archive, 'agent.log')}` }),
      )
    }
    const watcher = watch(folder, look)
    watcher.on('error', () => undefined)
    const timer = setTimeout(() => {
      fail('agent-silent', `the agent of ${name} did not answer in ${SOCKET_TIMEOUT_MS / 1000} s`)
    }, SOCKET_TIMEOUT_MS)
    const aborted = () => fail('interrupted', `starting ${name} was interrupted`)
    signal?.addEventListener('abort', aborted, { once: true })
    let over = false
    function done() {
      over = true
      watcher.close()
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
    }
    function look() {
      if (over) return
      if (existsSync(runSocket(name))) {
        void accepts(runSocket(name)).then((open) => {
          if (!open) {
            setTimeout(look, SOCKET_RETRY_MS)
            return
          }
          done()
          resolve()
        })
      } else if (!existsSync(folder)) {
        fail('agent-died', `the agent of ${name} ended at once`)
      }
    }
    if (signal?.aborted) aborted()
    else look()
  })
}

/** The file of a socket is there a moment before anybody listens on it. */
function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** Ends a lab whatever state it is in; resolves when nothing of it is left, or after END_TIMEOUT_MS. */
export async function endRun(name: string): Promise<void> {
  const agent = agentClient(runSocket(name))
  const deadline = Date.now() + END_TIMEOUT_MS
  let told = false
  while (existsSync(runFolder(name)) && Date.now() < deadline) {
    // An agent that was just started listens a little later.
    told ||= await agent.post('/v1/end').then(
      () => true,
      () => false,
    )
    if (!(await listRuns()).some((run) => run.name === name)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const END_TIMEOUT_MS = 15_000

function freshName(lab: string): string {
  const letters = Array.from({ length: 4 }, () =>
    String.fromCharCode(97 + Math.floor(Math.random() * 26)),
  )
  return `${lab.slice(0, 26)}-${letters.join('')}`
}

const goldenDir = () => join(cacheDir(), 'golden')

/**
 * The golden snapshot: what etcd holds once a cluster of these versions and flags has come up the
 * first time. Made by booting one control plane from nothing; later labs start from it.
 */
async function ensureGolden(onStep?: (step: string) => void, signal?: AbortSignal): Promise<void> {
  const wanted = join(goldenDir(), `${goldenKey()}.db`)
  if (existsSync(wanted)) return
  onStep?.('golden snapshot (first run only)')
  const name = `golden-${process.pid}`
  const agent = await startAgent(
    {
      name,
      engine: 'namespaces',
      seed: 1,
      startedAt: new Date().toISOString(),
      beganNs: String(process.hrtime.bigint()),
      goldenKey: goldenKey(),
    },
    signal,
  )
  try {
    await agent.get('/v1/golden')
    const part = `${wanted}.${process.pid}.part`
    await copyFile(join(runFolder(name), 'golden.db'), part)
    await chmod(part, 0o644)
    await rename(part, wanted)
  } finally {
    await endRun(name)
    await rm(join(stateDir(), 'runs', name), { recursive: true, force: true })
  }
}

export { connectRun, listRuns }
export type { RunSummary }
