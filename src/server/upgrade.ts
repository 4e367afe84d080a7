/** WebSockets: the same guard as requests, then session, ticket and room, and only then an upgrade. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { errorBody, HalabError } from '../errors.ts'
import { agentSocketUrl } from '../wire/agent-client.ts'
import type { AgentEvent } from '../wire/agent-api.ts'
import { TERMINAL_CLOSE, TERMINAL_PROTOCOL, type TerminalRole } from '../wire/terminal.ts'
import type { ServerContext } from './context.ts'
import { guard } from './guard.ts'
import { SERVER_LIMITS } from './limits.ts'
import { relay } from './relay.ts'
import { noSession, statusOf } from './replies.ts'
import { endSocket, type SocketKind } from './sockets.ts'

interface Door {
  readonly kind: SocketKind
  readonly run: string
  /** Path on the agent's socket. */
  readonly path: string
  readonly terminal?: string
}

const EVENTS = /^\/ws\/runs\/([a-z0-9][a-z0-9-]{0,30})\/events$/
const TERMINAL =
  /^\/ws\/runs\/([a-z0-9][a-z0-9-]{0,30})\/terminals\/([A-Za-z0-9][A-Za-z0-9_-]{0,62})$/

/** Nothing is decoded: a path that needs it is not one of ours. */
function doorOf(url: string): Door {
  const events = EVENTS.exec(url)
  if (events?.[1]) return { kind: 'events', run: events[1], path: '/v1/events' }
  const terminal = TERMINAL.exec(url)
  if (terminal?.[1] && terminal[2]) {
    const [, run, id] = terminal
    return { kind: 'terminal', run, path: `/v1/terminals/${id}`, terminal: id }
  }
  throw new HalabError('unknown-path', 'Nothing answers there')
}

export function createUpgrade(context: ServerContext) {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: SERVER_LIMITS.frameBytes,
    // Compression costs memory a socket, and lets a page guess at what else is in the stream.
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(TERMINAL_PROTOCOL) ? TERMINAL_PROTOCOL : false),
  })

  return (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', () => stream.destroy())
    try {
      const { door, session, role } = admit(context, request)
      server.handleUpgrade(request, stream, head, (page) => {
        const address = request.socket.remoteAddress ?? ''
        context.sockets.add(page, { session, address, kind: door.kind })
        void connect(context, door, role, page)
      })
    } catch (error) {
      const body = errorBody(error)
      context.metrics.refusals.inc({ code: body.code })
      refuse(stream, statusOf(body.code), body)
    }
  }
}

function admit(context: ServerContext, request: IncomingMessage) {
  const { headers, method = 'GET', url = '' } = request
  guard({ kind: 'upgrade', method, area: 'api', headers }, context.addresses)
  const door = doorOf(url)
  const session = context.sessions.find(headers.cookie)
  if (!session) throw noSession()
  context.sockets.checkRoom({
    session: session.id,
    address: request.socket.remoteAddress ?? '',
  })
  const role = door.terminal === undefined ? 'learner' : redeem(context, request, door, session.id)
  return { door, session: session.id, role }
}

function redeem(
  { tickets }: ServerContext,
  { headers }: IncomingMessage,
  { run, terminal = '' }: Door,
  session: string,
): TerminalRole {
  const offered = headers['sec-websocket-protocol']?.split(',').map((each) => each.trim()) ?? []
  const ticket = offered.find((each) => each.startsWith('ticket.'))?.slice('ticket.'.length)
  const role =
    ticket !== undefined && offered.includes(TERMINAL_PROTOCOL)
      ? tickets.redeem(ticket, { session, run, terminal })
      : null
  if (role === null) {
    throw new HalabError('bad-ticket', 'That ticket opens no terminal here, or not any more', {
      hint: 'Ask for a new one: a ticket is good once, for 30 seconds.',
    })
  }
  return role
}

async function connect(context: ServerContext, door: Door, role: TerminalRole, page: WebSocket) {
  // Nothing the page says may be lost while the lab is looked up.
  page.pause()
  try {
    const client = await context.runs.connect(door.run, 'page')
    if (page.readyState !== page.OPEN) return
    const agent = new WebSocket(agentSocketUrl(client.socketPath, door.path), {
      headers: { 'x-halab-role': role, 'x-halab-client': 'page' },
      handshakeTimeout: SERVER_LIMITS.handshakeMs,
      maxPayload: SERVER_LIMITS.agentFrameBytes,
      perMessageDeflate: false,
    })
    const observe = door.kind === 'events' ? resultsKeeper(context) : undefined
    relay({ page, agent, ...(observe && { observe }) })
  } catch (error) {
    const { code } = errorBody(error)
    const unknown = code.startsWith('unknown-')
    endSocket(page, unknown ? TERMINAL_CLOSE.unknown : 1011, code)
  }
}

/** Verdicts pass by on their way to the page: the best are kept. */
function resultsKeeper({ progress, warn }: ServerContext): (text: string) => void {
  let best = -1
  return (text) => {
    if (!text.startsWith('{"type":"results"')) return
    try {
      const event = JSON.parse(text) as Extract<AgentEvent, { type: 'results' }>
      if (event.results.score <= best) return
      best = event.results.score
      progress.results(event.results)
    } catch (error) {
      warn(error, 'results not kept')
    }
  }
}

function refuse(stream: Duplex, status: number, body: object): void {
  const text = JSON.stringify({ error: body })
  stream.end(
    `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `cache-control: no-store\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}
