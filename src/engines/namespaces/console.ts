/**
 * A node's console. The pty that the learner's programs see is opened inside the node by `script`
 * (one opened out here would have no name there: "not a tty"); the pty out here carries size changes
 * and bytes to it.
 */
import { spawn, type IPty } from 'node-pty'
import type { ExitStatus, Pty, TerminalSize } from '../types.ts'
import { nsenter } from './command.ts'
import { childrenOf, trySignal } from './proc.ts'

export interface ConsoleOptions {
  readonly pid: number
  readonly env: Readonly<Record<string, string>>
  readonly home: string
  /** Put before the shell: takes away what the learner must not have. */
  readonly wrapper: readonly string[]
  readonly size: TerminalSize
  /** Run instead of a login shell. */
  readonly command?: string
}

export interface Console {
  readonly pty: Pty
  /** The nsenter outside that waits for it. */
  readonly waiter: number
}

export function openConsole(options: ConsoleOptions): Console {
  const shell = options.command ?? 'exec bash -l'
  const child: IPty = spawn(
    'nsenter',
    [
      ...nsenter.whole(options.pid),
      ...['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', options.home],
      ...options.wrapper,
      ...['script', '-qfec', shell, '/dev/null'],
    ],
    {
      name: 'xterm-256color',
      cols: options.size.cols,
      rows: options.size.rows,
      cwd: '/',
      // Bytes, never decoded: a character may be cut in two.
      encoding: null,
      env: { ...options.env, TERM: 'xterm-256color', COLORTERM: 'truecolor' },
    },
  )
  const exited = new Promise<ExitStatus>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      resolve({ code: signal ? null : exitCode, signal: signal ? signalName(signal) : null })
    })
  })
  let gone = false
  void exited.then(() => (gone = true))
  const pty: Pty = {
    exited,
    alive: () => !gone && isRunning(child.pid),
    onData: (listener) => {
      // With `encoding: null` the library hands out Buffers; its type says string.
      child.onData((chunk) => listener(chunk as unknown as Buffer))
    },
    write: (data) => {
      if (!gone) child.write(Buffer.from(data))
    },
    resize: ({ cols, rows }) => {
      if (!gone) child.resize(cols, rows)
    },
    pause: () => child.pause(),
    resume: () => child.resume(),
    [Symbol.dispose]() {
      if (gone) return
      for (const inner of childrenOf(child.pid)) trySignal(inner, 'SIGHUP')
      trySignal(child.pid, 'SIGHUP')
    },
  }
  return { pty, waiter: child.pid }
}

/** node-pty reaps its children at once, so a child that ended has no pid any more. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  9: 'SIGKILL',
  15: 'SIGTERM',
}
const signalName = (n: number): NodeJS.Signals => SIGNALS[n] ?? 'SIGTERM'
