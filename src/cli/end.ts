/** The end of a command: everything that it wrote is delivered before the process goes. */
import { EXIT } from './exit.ts'

/**
 * `process.exit` would drop what a pipe has not taken yet (it holds 64 KiB); and without it an open
 * socket or timer would keep the command alive.
 */
export async function endWith(run: () => Promise<number>): Promise<never> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed)
  })
  const status = await run()
  await Promise.all([delivered(process.stdout), delivered(process.stderr)])
  process.exit(status)
}

function delivered(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}
