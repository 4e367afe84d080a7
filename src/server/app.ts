/** Everything by HTTP: headers, guard and session before any route, then the routes. */
import Fastify, { LogController, type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Server } from 'node:http'
import type { Logger } from 'pino'
import { isHalabError } from '../errors.ts'
import type { Headers } from './content-policy.ts'
import type { ServerContext } from './context.ts'
import { guard } from './guard.ts'
import { lessonRoutes } from './lessons.ts'
import { SERVER_LIMITS } from './limits.ts'
import { answerErrors, noSession } from './replies.ts'
import { labRoutes } from './routes/labs.ts'
import { progressRoutes } from './routes/progress.ts'
import { runRoutes } from './routes/runs.ts'
import { sessionRoutes } from './routes/session.ts'
import { ticketRoutes } from './routes/tickets.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Only logging in goes without one; lessons are told by their path. */
    session?: 'not-needed'
  }
}

export interface AppOptions {
  readonly context: ServerContext
  readonly dist: string
  readonly headers: Headers
  readonly log: Logger
  /** Already listening. All take the same requests. */
  readonly servers: readonly [Server, ...Server[]]
}

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { context, dist, headers, log, servers } = options
  const app = Fastify({
    loggerInstance: log,
    // Requests carry cookies and tokens: the line that is written names route and status only.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: SERVER_LIMITS.bodyBytes,
    routerOptions: { maxParamLength: 400 },
    serverFactory(receive) {
      for (const server of servers) server.on('request', receive)
      return servers[0]
    },
  }) as unknown as FastifyInstance
  app.removeContentTypeParser('text/plain')
  answerErrors(app)

  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers)
    const area = isOpen(request) ? 'open' : 'api'
    if (area === 'api') reply.header('cache-control', 'no-store')
    guard(
      { kind: 'request', method: request.method, area, headers: request.headers },
      context.addresses,
    )
    const needed = area === 'api' && request.routeOptions.config.session !== 'not-needed'
    if (needed && !context.sessions.find(request.headers.cookie)) throw noSession()
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const route = request.routeOptions.url ?? 'unknown'
    const status = reply.statusCode
    context.metrics.requests.observe({ method, route, status }, reply.elapsedTime / 1000)
    request.log.debug({ method, route, status, ms: Math.round(reply.elapsedTime) }, 'request')
    done()
  })
  app.addHook('onError', (_request, _reply, error, done) => {
    if (isHalabError(error)) context.metrics.refusals.inc({ code: error.code })
    done()
  })

  sessionRoutes(app, context)
  labRoutes(app, context)
  runRoutes(app, context)
  ticketRoutes(app, context)
  progressRoutes(app, context)
  app.get('/metrics', async (_request, reply) => {
    const { registry } = context.metrics
    return reply.type(registry.contentType).send(await registry.metrics())
  })
  await lessonRoutes(app, dist)
  await app.ready()
  return app
}

/**
 * Told by the route that matched, not by the address: the router decodes `/%61pi/…`, a prefix of
 * the text does not. Only the route of the files, and a path that is nobody's, are open.
 */
function isOpen(request: FastifyRequest): boolean {
  const { url } = request.routeOptions
  if (url === undefined) return request.method === 'GET' || request.method === 'HEAD'
  return url === '/*' || url === '/'
}
