/** Tickets for terminals. */
import type { FastifyInstance } from 'fastify'
import { HalabError } from '../../errors.ts'
import type { TerminalSummary } from '../../wire/agent-api.ts'
import type { ServerContext } from '../context.ts'
import { check, EMPTY, ID, RUN } from '../input.ts'
import { SERVER_LIMITS } from '../limits.ts'
import { createRateLimit } from '../rate-limit.ts'
import { noSession } from '../replies.ts'
import { param } from './runs.ts'

export function ticketRoutes(
  app: FastifyInstance,
  { runs, sessions, tickets }: ServerContext,
): void {
  const issued = createRateLimit(SERVER_LIMITS.ticketsPerMinute)

  app.post('/api/runs/:name/terminals/:terminal/tickets', async (request) => {
    check(EMPTY, request.body)
    const run = param(request, 'name', RUN)
    const terminal = param(request, 'terminal', ID)
    const session = sessions.find(request.headers.cookie)
    if (!session) throw noSession()
    issued.count(session.id)
    const agent = await runs.connect(run, 'page')
    const open = await agent.get<TerminalSummary[]>('/v1/terminals')
    if (!open.some(({ id }) => id === terminal))
      throw new HalabError('unknown-terminal', `${run} has no terminal ${terminal}`)
    // On one's own machine whoever is logged in owns every lab.
    return { ticket: tickets.issue({ session: session.id, run, terminal }, 'learner') }
  })
}
