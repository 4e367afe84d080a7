/** One command on a node, to its end: output collected, time limited, everything it started ended. */
import type { ChildProcess } from 'node:child_process'
import type { ExecOptions, ExecResult, StreamedExec } from '../types.ts'
import { childrenOf, trySignal } from './proc.ts'
import { exitOf } from './tracked-process.ts'

/** Output beyond this is dropped: a check that prints without end must not fill the agent. */
const MAX_OUTPUT_BYTES = 16 << 20

export async function runOnNode(child: ChildProcess, options: ExecOptions): Promise<ExecResult> {
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(options.input ?? '')
  let timedOut = false
  const timer = options.timeoutMs
    ? setTimeout(() => {
        timedOut = true
        endTree(child)
      }, options.timeoutMs)
    : undefined
  const abort = () => endTree(child)
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    const { code, signal } = await exitOf(child)
    return {
      exitCode: timedOut ? 124 : code,
      signal,
      stdout: stdout(),
      stderr: stderr(),
      timedOut,
    }
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', abort)
  }
}

/** The program itself is nsenter's child: ending nsenter alone would leave it running on the node. */
export function endTree(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  const waiter = child.pid
  if (waiter === undefined) return
  for (const pid of descendants(waiter)) trySignal(pid, signal)
  trySignal(waiter, 'SIGCONT')
}

export function streamed(child: ChildProcess): StreamedExec {
  const exited = exitOf(child)
  child.stdin?.on('error', () => undefined)
  return {
    exited,
    onOutput(listener) {
      child.stdout?.on('data', (chunk: Buffer) => listener('stdout', chunk))
      child.stderr?.on('data', (chunk: Buffer) => listener('stderr', chunk))
    },
    write: (chunk) => child.stdin?.write(chunk) ?? false,
    onDrain: (listener) => void child.stdin?.on('drain', listener),
    end: () => void child.stdin?.end(),
    pause() {
      child.stdout?.pause()
      child.stderr?.pause()
    },
    resume() {
      child.stdout?.resume()
      child.stderr?.resume()
    },
    signal: (signal) => endTree(child, signal),
  }
}

function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [...descendants(child), child])
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream?.on('data', (chunk: Buffer) => {
    if (size < MAX_OUTPUT_BYTES) chunks.push(chunk)
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
