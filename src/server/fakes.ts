/** For this room's tests: an agent that answers on a real Unix socket, a small site, and a browser without a window. */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { WebSocket, WebSocketServer } from 'ws'
import { HalabError } from '../errors.ts'
import { agentClient } from '../wire/agent-client.ts'
import type { RunSummary } from '../wire/lab.ts'
import type { Results } from '../wire/results.ts'
import type { Runs } from './context.ts'
import { startServer, type RunningServer, type ServerOptions } from './index.ts'

export const RUN: RunSummary = {
  name: 'tour-abcd',
  lab: 'tour',
  engine: 'namespaces',
  seed: 7,
  state: 'ready',
  startedAt: '2026-01-01T00:00:00.000Z',
  ms: { usable: 1, ready: 2 },
  nodes: [],
  memoryBytes: null,
  stage: 'ready',
}

export const resultsOf = (score: number): Results => ({
  version: 1,
  lab: 'tour',
  name: RUN.name,
  engine: 'namespaces',
  seed: 7,
  startedAt: RUN.startedAt,
  score,
  max: 2,
  tasks: [],
})

interface FakeAgent extends AsyncDisposable {
  readonly socketPath: string
  /** `POST /v1/faults {…}`, as they came. */
  readonly asked: string[]
  /** Open WebSockets by path. */
  readonly sockets: { path: string; headers: IncomingHttpHeaders; socket: WebSocket }[]
  /** Of the results it gives; WebSockets echo. */
  score: number
}

/** Speaks the wire types of an agent: canned answers, and WebSockets that echo. */
async function startFakeAgent(socketPath: string): Promise<FakeAgent> {
  const agent: FakeAgent = {
    socketPath,
    asked: [],
    sockets: [],
    score: 1,
    async [Symbol.asyncDispose]() {
      for (const { socket } of agent.sockets) socket.terminate()
      await closed(server)
    },
  }
  const answers: Readonly<Record<string, () => unknown>> = {
    'GET /v1/run': () => RUN,
    'GET /v1/results': () => resultsOf(agent.score),
    'GET /v1/terminals': () => [
      { id: 't1', node: 'cp-1', title: 'cp-1', exited: false },
      { id: 't2', node: 'cp-2', title: 'cp-2', exited: false },
    ],
    'POST /v1/check': () => resultsOf(agent.score),
    'POST /v1/tasks/q1/answer': () => ({ id: 'q1', status: 'pass', code: 'ok' }),
    'POST /v1/tasks/q1/hint': () => ({ hint: 'look at the lease', n: 1, of: 2 }),
    'POST /v1/faults': () => ({ fault: 'kill', target: 'cp-1', at: RUN.startedAt, evidence: 3 }),
    'POST /v1/terminals': () => ({ id: 't3', node: 'cp-1', title: 'cp-1', exited: false }),
    'POST /v1/pause': () => ({ name: RUN.name, state: 'paused' }),
    'POST /v1/end': () => ({ name: RUN.name, state: 'ended' }),
  }
  const server = createServer((incoming, response) => {
    const key = `${incoming.method} ${incoming.url}`
    let body = ''
    incoming.on('data', (chunk) => (body += String(chunk)))
    incoming.on('end', () => {
      if (incoming.method === 'POST') agent.asked.push(`${key} ${body}`)
      const answer = answers[key]
      const error = { code: 'wrong-state', message: 'not now', hint: 'wait' }
      if (incoming.url?.startsWith('/v1/evidence')) {
        response.end('{"n":1,"kind":"lab"}\n{"n":2,"kind":"lab"}\n')
      } else if (answer) response.end(JSON.stringify(answer()))
      else response.writeHead(409).end(JSON.stringify({ error }))
    })
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (incoming, stream, head) => {
    const path = incoming.url ?? ''
    if (!['/v1/events', '/v1/terminals/t1'].includes(path)) {
      stream.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(incoming, stream, head, (socket) => {
      agent.sockets.push({ path, headers: incoming.headers, socket })
      socket.on('message', (frame: Buffer, binary) => socket.send(frame, { binary }))
    })
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  return agent
}

export interface Fixture extends AsyncDisposable {
  readonly server: RunningServer
  readonly agent: FakeAgent
  readonly folder: string
  readonly origin: string
  readonly host: string
  /** Cookie header of a new session. */
  logIn(): Promise<string>
  /** Raw, so that a test may send any header, and a path as it stands. */
  ask(path: string, options?: Ask): Promise<Answer>
  /** As the page asks: same origin, cookie, JSON. */
  api(cookie: string, method: string, path: string, body?: unknown): Promise<Answer>
}
interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}
interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: { readonly error?: { code: string; message: string; hint?: string } } & Record<
    string,
    unknown
  >
}

export async function startFixture(options: Partial<ServerOptions> = {}): Promise<Fixture> {
  const folder = await mkdtemp(join(tmpdir(), 'halab-server-'))
  const dist = join(folder, 'dist')
  await mkdir(join(dist, '_astro'), { recursive: true })
  await writeFile(join(dist, 'index.html'), '<script>let a = 1</script>lesson')
  await writeFile(join(dist, '404.html'), 'no such page')
  await writeFile(join(dist, '_astro', 'x.abc123.js'), '1')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await mkdir(join(folder, 'labs', 'broken'), { recursive: true })
  await writeFile(join(folder, 'labs', 'broken', 'lab.ts'), 'export const lab = { id: 7 }')
  const agent = await startFakeAgent(join(folder, 'agent.sock'))
  const runs: Runs = {
    launch: async () => agentClient(agent.socketPath, 'page'),
    list: async () => [RUN],
    connect: async (name, client) => {
      if (name === RUN.name) return agentClient(agent.socketPath, client)
      throw new HalabError('unknown-run', `no lab named ${name} is running`)
    },
  }
  const state = join(folder, 'state')
  const log = pino({ level: 'silent' })
  const server = await startServer({ port: 0, dist, root: folder, state, runs, log, ...options })
  const host = `127.0.0.1:${server.port}`
  const origin = `http://${host}`
  const ask: Fixture['ask'] = (path, asked = {}) => rawRequest(server.port, host, path, asked)
  const api: Fixture['api'] = (cookie, method, path, body) =>
    ask(path, {
      method,
      headers: {
        cookie,
        origin,
        'sec-fetch-site': 'same-origin',
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
      },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
    })
  return {
    server,
    agent,
    folder,
    origin,
    host,
    ask,
    api,
    async logIn() {
      const { headers } = await api('', 'POST', '/api/session', { token: server.token })
      return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    },
    async [Symbol.asyncDispose]() {
      await server.close()
      await agent[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function rawRequest(port: number, host: string, path: string, asked: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = asked
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { host, ...length, ...headers },
        agent: false,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: parsed(text),
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function parsed(text: string): Answer['json'] {
  try {
    return JSON.parse(text) as Answer['json']
  } catch {
    return {}
  }
}

export interface Knock {
  readonly cookie?: string
  /** Absent: the fixture's own; null: none sent. */
  readonly origin?: string | null
  readonly headers?: Readonly<Record<string, string>>
  readonly protocols?: readonly string[]
}

/** Opens a WebSocket as a page would. Resolves open, or rejects with `HTTP <status>`. */
export function knock(fixture: Fixture, path: string, options: Knock = {}): Promise<WebSocket> {
  const { cookie, origin = fixture.origin, headers, protocols = [] } = options
  const socket = new WebSocket(`ws://${fixture.host}${path}`, [...protocols], {
    headers: {
      ...(cookie !== undefined && { cookie }),
      ...(origin !== null && { origin }),
      ...headers,
    },
    perMessageDeflate: false,
  })
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket))
    socket.on('unexpected-response', (outgoing, response) => {
      outgoing.destroy()
      reject(new Error(`HTTP ${response.statusCode}`))
    })
    socket.on('error', reject)
  })
}

/** Code and reason of a socket's end. */
export const ended = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
