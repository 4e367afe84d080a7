/**
 * A program started on a node through nsenter. Two processes belong to it: nsenter outside, which
 * waits and passes on the exit status, and the program itself, which takes the signals.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { HalabError } from '../../errors.ts'
import type { ExitStatus, ProcessSpec, RunningProcess } from '../types.ts'
import { nsenter } from './command.ts'
import { childrenOf, innerPid, trySignal } from './proc.ts'

export interface TrackedProcess extends RunningProcess {
  /** As seen from the lab's outer namespaces. */
  readonly outerPid: number
  /** What the last signal through `signal()` was called for; recorded with the exit it caused. */
  readonly endedBy: string | undefined
  /** Continues the waiting nsenter, which stops itself together with its child. */
  wake(): void
}

/** `pid` is the first process of the node, or of a Pod's sandbox on it. */
export async function startTracked(pid: number, spec: ProcessSpec): Promise<TrackedProcess> {
  const child = spawn(
    'nsenter',
    // cd inside: the folder exists there, not here.
    [
      ...nsenter.whole(pid),
      '/bin/sh',
      '-c',
      'cd "$1" && shift && exec "$@"',
      'sh',
      spec.cwd ?? '/',
      ...spec.argv,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...spec.env } },
  )
  child.stdout.on('data', (chunk: Buffer) => spec.onOutput('stdout', chunk))
  child.stderr.on('data', (chunk: Buffer) => spec.onOutput('stderr', chunk))
  const exited = exitOf(child)
  await once(child, 'spawn')
  const outerPid = await programOf(child)
  const startedAt = new Date()
  let endedBy: { signal: NodeJS.Signals; by: string } | undefined
  const status = exited.then((exit) => {
    if (endedBy && exit.signal !== null && exit.signal !== endedBy.signal) endedBy = undefined
    return exit
  })
  return {
    component: spec.component,
    pid: innerPid(outerPid) ?? 0,
    outerPid,
    startedAt,
    exited: status,
    get endedBy() {
      return endedBy?.by
    },
    wake() {
      trySignal(child.pid ?? 0, 'SIGCONT')
    },
    signal(signal, by) {
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') endedBy = { signal, by }
      trySignal(outerPid, signal)
      // nsenter stops itself when its child stops, and would then never report the exit.
      if (signal === 'SIGCONT' || signal === 'SIGKILL') trySignal(child.pid ?? 0, 'SIGCONT')
    },
  }
}

/** nsenter forks once it is in the pid namespace; its child then becomes the program. */
async function programOf(child: ChildProcess): Promise<number> {
  const parent = child.pid ?? 0
  for (let waited = 0; child.exitCode === null && child.signalCode === null; waited += 1) {
    const [program] = childrenOf(parent)
    if (program !== undefined) return program
    if (waited > 2000) break
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new HalabError('start-failed', 'a program could not be started on its node', {
    hint: 'the node lost its power meanwhile, or the machine is out of memory',
  })
}

export function exitOf(child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: 127, signal: null }))
  })
}
