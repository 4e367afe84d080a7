/** A test runner as a process: its words go where ours go, and it ends, with all it started, when we do. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { checkoutDir } from '../../paths.ts'

export interface RunnerOptions {
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Keep standard output instead of showing it. */
  readonly capture?: boolean
}

/** Time for a runner to end its browsers and labs before it is killed. */
const GRACE_MS = 10_000

/** Never throws for what the runner does; the exit code is null when a signal ended it. */
export async function runTool(
  [program = '', ...argv]: readonly string[],
  { env, signal, capture = false }: RunnerOptions,
): Promise<{ exitCode: number | null; stdout: string }> {
  const child = spawn(program, argv, {
    cwd: checkoutDir,
    env,
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    detached: true,
  })
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  let killing: NodeJS.Timeout | undefined
  const end = (): void => {
    signalGroup(child.pid, 'SIGTERM')
    killing = setTimeout(signalGroup, GRACE_MS, child.pid, 'SIGKILL')
  }
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    await once(child, 'close')
  } catch (error) {
    process.stderr.write(`${program} could not be started: ${String(error)}\n`)
  } finally {
    signal.removeEventListener('abort', end)
    clearTimeout(killing)
  }
  return { exitCode: child.exitCode, stdout }
}

function signalGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch {
    // Gone already.
  }
}
