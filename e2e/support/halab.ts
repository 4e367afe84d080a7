/** A halab of the tests' own: its state and its labs' sockets lie apart from those of whoever runs them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const PROGRAM = fileURLToPath(new URL('../../halab', import.meta.url))

export interface Halab {
  /** Address of a lesson with a fresh one-time token. */
  link(path: string): Promise<string>
  /** Runs `halab ARGS` against the same labs; resolves with its standard output. */
  cli(...args: string[]): Promise<string>
  stop(): Promise<void>
}

interface ServerFile {
  readonly url: string
}

export async function startHalab(): Promise<Halab> {
  const folder = await mkdtemp(join(tmpdir(), 'halab-e2e-'))
  const env = {
    ...process.env,
    HALAB_STATE: join(folder, 'state'),
    HALAB_RUNTIME: join(folder, 'run'),
  }
  const server = spawn(PROGRAM, ['serve', '--port', '0', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await firstLine(server)
  const cli = async (...args: string[]) => {
    const { stdout } = await execa(PROGRAM, args, { env, reject: false })
    return stdout
  }
  return {
    cli,
    async link(path) {
      const file = await readFile(join(folder, 'state', 'server.json'), 'utf8')
      const { url } = JSON.parse(file) as ServerFile
      const link = new URL(url)
      link.pathname = path
      link.search = '?renderer=dom'
      return link.href
    },
    async stop() {
      await cli('down', '--all')
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The line of JSON that says where the server listens. */
async function firstLine(server: ChildProcess): Promise<void> {
  if (!server.stdout) throw new Error('The server has no standard output')
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.startsWith('{')) return
  }
  throw new Error(`halab serve ended with status ${server.exitCode ?? 'unknown'}`)
}
