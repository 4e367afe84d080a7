/** HTTP and WebSockets on Unix sockets: one for the CLI and the server, one for `lab` on the nodes. */
import { chmod, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { WebSocketServer } from 'ws'
import { errorBody, HalabError, isHalabError } from '../../errors.ts'
import type { Lab } from '../lab.ts'
import { LIMITS } from '../limits.ts'
import { streamEvidence } from './evidence-stream.ts'
import { serveEvents } from './events-socket.ts'
import { serveExec } from './exec-socket.ts'
import { routes, type Caller } from './routes.ts'
import { serveTerminal } from './terminal-socket.ts'

export interface AgentApi extends AsyncDisposable {
  /** Aborts when somebody asked for the lab's end and was answered. */
  readonly endAsked: AbortSignal
}

export async function serveApi(
  lab: Lab,
  sockets: { host: string; learner: string },
): Promise<AgentApi> {
  const ending = new AbortController()
  const servers = [serve(lab, 'host', ending), serve(lab, 'learner', ending)]
  const paths = [sockets.host, sockets.learner]
  await Promise.all(
    servers.map(async (server, i) => {
      const path = paths[i] ?? ''
      await rm(path, { force: true })
      server.listen(path)
      await once(server, 'listening')
      await chmod(path, 0o600)
    }),
  )
  return {
    endAsked: ending.signal,
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
      await Promise.all(paths.map((path) => rm(path, { force: true })))
    },
  }
}

function serve(lab: Lab, caller: Caller, ending: AbortController): Server {
  const server = createServer((request, response) => {
    answer(lab, caller, request, response)
      .catch((error: unknown) => refuse(response, error))
      .finally(() => {
        if (caller === 'host' && request.method === 'POST' && request.url === '/v1/end')
          ending.abort()
      })
  })
  if (caller === 'host') serveSockets(lab, server)
  return server
}

async function answer(
  lab: Lab,
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://agent')
  if (request.method === 'GET' && url.pathname === '/v1/evidence') {
    await streamEvidence(lab.log, url.searchParams, response)
    return
  }
  const body = await readBody(request)
  for (const { method, path, callers, answer: act } of routes) {
    const match = request.method === method ? path.exec(url.pathname) : null
    if (!match) continue
    if (!callers.includes(caller)) throw new HalabError('forbidden', 'not from inside the lab')
    const value = await act({ lab, caller, params: match.slice(1), body })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(value))
    return
  }
  throw new HalabError('unknown-path', `${request.method} ${url.pathname} is not part of the API`)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > LIMITS.bodyBytes)
      throw new HalabError('too-large', 'the request is too large')
  }
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new HalabError('bad-request', 'the body is not JSON')
  }
}

const STATUS: Record<string, number> = {
  forbidden: 403,
  'unknown-path': 404,
  'unknown-task': 404,
  'unknown-terminal': 404,
  'unknown-node': 404,
  'lab-not-ready': 409,
  'too-large': 413,
}

function refuse(response: ServerResponse, error: unknown): void {
  if (!isHalabError(error)) console.error('api:', error)
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = errorBody(error)
  response.statusCode = isHalabError(error) ? (STATUS[body.code] ?? 400) : 500
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ error: body }))
}

function serveSockets(lab: Lab, server: Server): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.bodyBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.values().next().value ?? false,
  })
  server.on('upgrade', (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '/', 'http://agent')
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.on('error', () => undefined)
      const terminal = /^\/v1\/terminals\/([a-z0-9-]+)$/.exec(pathname)?.[1]
      if (pathname === '/v1/events') serveEvents(lab, opened)
      else if (pathname === '/v1/exec') serveExec(lab, opened)
      else if (terminal) serveTerminal(lab, terminal, request, opened)
      else opened.close(4404, 'unknown path')
    })
  })
}
