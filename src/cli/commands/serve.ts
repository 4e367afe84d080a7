import { startServer } from '../../server/index.ts'
import { EXIT } from '../exit.ts'
import { type Io, note, paint, print, printJson } from '../io.ts'
import { prepare } from '../prepare.ts'

export interface ServeOptions {
  readonly host?: string
  readonly port?: number
}

/** Serves until `signal`. Labs go on without the server; the next one finds them again. */
export async function serve(options: ServeOptions, io: Io, signal: AbortSignal): Promise<number> {
  await prepare('serve', { signal })
  const server = await startServer(options)
  if (io.json) printJson(io, { url: server.url, port: server.port, pid: process.pid })
  else {
    print(io, `The course is at ${paint(io.stdout, 'bold', server.url)}`)
    note(io, paint(io.stderr, 'dim', 'Ctrl-C ends the server; labs go on (`halab down --all`).'))
  }
  await aborted(signal)
  await server.close()
  return EXIT.done
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
