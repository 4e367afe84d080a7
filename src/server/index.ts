/** The server: lessons, API and terminals on one port, behind one guard. Labs are not its children and go on without it. */
import type { Server } from 'node:http'
import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import { connectRun, launchRun, listRuns } from '../engines/launch.ts'
import { checkoutDir, stateDir } from '../paths.ts'
import { exposure } from './addresses.ts'
import { createApp } from './app.ts'
import { responseHeaders } from './content-policy.ts'
import type { Runs, ServerContext } from './context.ts'
import { SERVER_LIMITS } from './limits.ts'
import { listen } from './listen.ts'
import { createMetrics } from './metrics.ts'
import { removeServerFile, writeServerFile } from './server-file.ts'
import { createLoginToken, createSessions, sessionCookie } from './sessions.ts'
import { createSockets } from './sockets.ts'
import { createStore } from './store/database.ts'
import { createProgressBook } from './store/progress.ts'
import { createTickets } from './tickets.ts'
import { createUpgrade } from './upgrade.ts'

export interface ServerOptions {
  /** Default: 127.0.0.1 and ::1. */
  readonly host?: string
  /** Default 4321; the next free one if taken. 0: any. */
  readonly port?: number
  /** Https origin of a proxy in front, for hosts that others can reach. Default: $HALAB_PUBLIC_ORIGIN. */
  readonly publicOrigin?: string
  /** The built site. Default: `dist` of the checkout. */
  readonly dist?: string
  /** Where `labs` lies. Default: the checkout. */
  readonly root?: string
  /** Default: $HALAB_STATE. */
  readonly state?: string
  readonly log?: Logger
  /** Default: the labs of this machine. */
  readonly runs?: Runs
}

export interface RunningServer {
  /** With the one-time token in the fragment. Changes after each exchange. */
  readonly url: string
  readonly port: number
  readonly token: string
  /** Disconnects pages (they come back to the next server) and leaves labs running. */
  close(): Promise<void>
}

const MACHINE: Runs = { launch: launchRun, list: listRuns, connect: connectRun }

/** Throws `no-site`, `port-in-use`, `cannot-listen`, `insecure-host`. Everything is served when it resolves. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { host, root = checkoutDir, state = stateDir(), runs = MACHINE } = options
  const dist = options.dist ?? join(checkoutDir, 'dist')
  const log = options.log ?? pino({ level: 'warn' }, pino.destination(2))
  const { hosts, addresses, secure } = exposure(
    host,
    options.publicOrigin ?? process.env['HALAB_PUBLIC_ORIGIN'],
  )
  const headers = await responseHeaders(dist)
  const { servers, port } = await listen(hosts, options.port ?? SERVER_LIMITS.defaultPort)

  const warn = (error: unknown, what: string) => log.warn({ err: error }, what)
  const closing = new AbortController()
  const store = createStore(join(state, 'halab.sqlite'))
  const cookie = sessionCookie(port, secure)
  const metrics = createMetrics()
  const origin = addresses(port)[0]?.origin ?? ''
  const urlWith = (secret: string) => `${origin}/#token=${secret}`
  const token = createLoginToken((next) => announce(next))
  const announce = (secret: string) =>
    writeServerFile(state, { url: urlWith(secret), port, pid: process.pid })
  const sockets = createSockets((kind, change) => metrics.sockets.inc({ kind }, change))
  const context: ServerContext = {
    root,
    addresses: addresses(port),
    runs,
    sessions: createSessions(store, cookie.name, (error) => warn(error, 'session not kept')),
    cookie,
    token,
    tickets: createTickets(),
    progress: createProgressBook(store),
    sockets,
    metrics,
    closing: closing.signal,
    warn,
  }
  const closeServers = () => Promise.all(servers.map((server) => closed(server)))
  try {
    const app = await createApp({ context, dist, headers, log, servers })
    const upgrade = createUpgrade(context)
    for (const server of servers) server.on('upgrade', upgrade)
    announce(token.current)
    return {
      get url() {
        return urlWith(token.current)
      },
      port,
      get token() {
        return token.current
      },
      async close() {
        closing.abort()
        removeServerFile(state, port)
        sockets.endAll()
        const gone = closeServers()
        await app.close()
        await gone
        store[Symbol.dispose]()
      },
    }
  } catch (error) {
    await closeServers()
    throw error
  }
}

/** Upgraded connections do not count as a server's; requests that hang are cut after a while. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), SERVER_LIMITS.closeMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
