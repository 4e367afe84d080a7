/** A lock between processes that the kernel gives back when its holder dies, however it dies. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { HalabError } from '../errors.ts'
import { LOCK_NOTICE_MS } from './limits.ts'

/**
 * Holds an exclusive flock on `file` until disposed. Node cannot lock files itself, so util-linux's
 * `flock` does, and lives exactly as long as its standard input stays open: also a holder that is
 * killed lets go. `onWait` is called when another process has it.
 */
export async function holdLock(
  file: string,
  options: { signal?: AbortSignal; onWait?: () => void } = {},
): Promise<AsyncDisposable> {
  // Ctrl-C reaches the whole process group; the lock has to last until its owner has cleaned up.
  const script = 'trap "" INT TERM HUP; echo held; exec cat >/dev/null'
  const child = spawn('flock', ['--no-fork', file, 'sh', '-c', script], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = once(child, 'close')
  const notice = setTimeout(() => options.onWait?.(), LOCK_NOTICE_MS)
  const abort = (): void => void child.kill('SIGKILL')
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([once(child.stdout, 'data'), ended])
    options.signal?.throwIfAborted()
    if (child.exitCode !== null)
      throw new HalabError('lock-failed', `${file} cannot be locked`, {
        hint: 'Check that its folder exists and is yours.',
      })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new HalabError('missing-program', 'flock is not on the PATH', {
        hint: 'It is part of util-linux: sudo apt-get install -y util-linux',
        cause: error,
      })
    throw error
  } finally {
    clearTimeout(notice)
    options.signal?.removeEventListener('abort', abort)
  }
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}
