/** An agent's socket with answers from a script: what the CLI says to it is kept, what it answers is typed. */
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { main } from '../main.ts'
import { lab } from '../lab.ts'
import type { RunSummary } from '../../wire/lab.ts'

export const RUN: RunSummary = {
  name: 'bar',
  lab: 'failover-timing',
  engine: 'namespaces',
  seed: 7,
  state: 'ready',
  startedAt: '2026-11-21T08:00:00.000Z',
  ms: { usable: 5000, ready: 8000 },
  nodes: [{ name: 'cp-1', role: 'control-plane', address: '172.30.0.11' }],
  memoryBytes: 1 << 30,
  stage: 'ready',
}

interface Asked {
  readonly call: string
  readonly body: unknown
  readonly client: string | undefined
}
/** By `METHOD /path`: status and body, or what answers by itself. */
export type Script = Readonly<Record<string, Answer>>
type Answer =
  | { readonly status?: number; readonly body: unknown }
  | ((response: ServerResponse, asked: readonly Asked[]) => void)

export interface ScriptedAgent extends AsyncDisposable {
  readonly asked: readonly Asked[]
  readonly socketPath: string
}

/** Sets HALAB_RUNTIME to a folder of its own, so that `halab … bar` finds it there and nothing else. */
export async function scriptedAgent(
  script: Script,
  onSocket?: (socket: WebSocket, path: string) => void,
): Promise<ScriptedAgent> {
  const runtime = await mkdtemp(join(tmpdir(), 'halab-cli-'))
  const socketPath = join(runtime, RUN.name, 'agent.sock')
  await mkdir(join(runtime, RUN.name))
  const asked: Asked[] = []
  const answers: Script = { 'GET /v1/run': { body: RUN }, ...script }
  const server = createServer((request, response) => {
    void readAll(request).then((text) => {
      const call = `${request.method} ${request.url}`
      const client = request.headers['x-halab-client']
      asked.push({ call, body: text === '' ? undefined : JSON.parse(text), client: String(client) })
      const answer = answers[call]
      if (typeof answer === 'function') return answer(response, asked)
      response.writeHead(answer?.status ?? (answer ? 200 : 404))
      const missing = { error: { code: 'unknown-path', message: call } }
      response.end(JSON.stringify(answer?.body ?? missing))
    })
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, request) => onSocket?.(socket, request.url ?? ''))
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  const before = process.env['HALAB_RUNTIME']
  process.env['HALAB_RUNTIME'] = runtime
  return {
    asked,
    socketPath,
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env['HALAB_RUNTIME']
      else process.env['HALAB_RUNTIME'] = before
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(runtime, { recursive: true })
    },
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

export interface Told {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `halab` in this process with streams of its own. */
export function halab(argv: readonly string[], stdin: string | Buffer = ''): Promise<Told> {
  return told(stdin, (streams) => main(argv, streams))
}

/** Runs `lab` as in a terminal of the agent's lab. */
export function labCommand(agent: ScriptedAgent, ...argv: readonly string[]): Promise<Told> {
  return told('', (streams) => lab(argv, streams, agent.socketPath))
}

async function told(
  stdin: string | Buffer,
  run: (streams: Record<'stdin' | 'stdout' | 'stderr', PassThrough>) => Promise<number>,
): Promise<Told> {
  const streams = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  }
  const out = collect(streams.stdout)
  const err = collect(streams.stderr)
  streams.stdin.end(stdin)
  const status = await run(streams)
  streams.stdout.end()
  streams.stderr.end()
  return { status, stdout: await out, stderr: await err }
}

async function collect(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
