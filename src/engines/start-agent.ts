/** Starts a lab's agent and waits until its socket answers; and ends a lab again. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { existsSync, watch } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { HalabError } from '../errors.ts'
import { binDir } from '../toolchain/bin-dir.ts'
import { agentClient, type AgentClient } from '../wire/agent-client.ts'
import { launchInNamespaces } from './namespaces/launch.ts'
import { compiledDir, goldenDir } from './prepared-places.ts'
import { claimFolder, freshArchive } from './run-folders.ts'
import { listRuns, runFolder, runSocket, type RunFile } from './runs.ts'

const SOCKET_TIMEOUT_MS = 20_000
const SOCKET_RETRY_MS = 5
const END_TIMEOUT_MS = 15_000

/** On failure, or when `signal` aborts, nothing of the lab is left. */
export async function startAgent(run: RunFile, signal?: AbortSignal): Promise<AgentClient> {
  const folder = await claimFolder(run.name)
  const archive = await freshArchive(run.name)
  let watcher: number | undefined
  try {
    await writeFile(join(folder, 'run.json'), JSON.stringify(run), { mode: 0o600 })
    const [golden, compiled] = [goldenDir(), await compiledDir()]
    for (const shared of [golden, compiled]) {
      await mkdir(shared, { recursive: true })
      // Labs of other uids read it through a bind mount; the cache itself stays closed.
      await chmod(shared, 0o755)
    }
    watcher = await launchInNamespaces({
      run: folder,
      archive,
      binaries: binDir(),
      golden,
      compiled,
    })
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
