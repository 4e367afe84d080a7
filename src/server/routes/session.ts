/** Logging in with the printed link's token, and out. */
import type { FastifyInstance } from 'fastify'
import type { SessionSummary } from '../../wire/server-api.ts'
import type { ServerContext } from '../context.ts'
import { check, EMPTY, TOKEN } from '../input.ts'
import { SERVER_LIMITS } from '../limits.ts'
import { createRateLimit } from '../rate-limit.ts'
import { noSession } from '../replies.ts'

const LEARNER: SessionSummary = { role: 'learner' }

export function sessionRoutes(app: FastifyInstance, context: ServerContext): void {
  const { sessions, cookie, token, sockets } = context
  const wrongTokens = createRateLimit(SERVER_LIMITS.wrongTokensPerMinute)

  app.post('/api/session', { config: { session: 'not-needed' } }, (request, reply) => {
    wrongTokens.check(request.ip)
    const given = check(TOKEN, request.body).token
    try {
      token.exchange(given)
    } catch (error) {
      wrongTokens.count(request.ip)
      throw error
    }
    const { secret } = sessions.logIn(sessions.find(request.headers.cookie))
    return reply.header('set-cookie', cookie.set(secret)).send(LEARNER)
  })

  app.get('/api/session', () => LEARNER)

  app.delete('/api/session', (request, reply) => {
    check(EMPTY, request.body)
    const session = sessions.find(request.headers.cookie)
    if (!session) throw noSession()
    sessions.end(session)
    sockets.endSession(session.id)
    return reply.header('set-cookie', cookie.clear()).code(204).send()
  })
}
