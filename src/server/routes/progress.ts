/** What was read and solved, across runs and restarts. */
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../context.ts'
import { check, LESSON, LESSON_STATE } from '../input.ts'
import { param } from './runs.ts'

export function progressRoutes(app: FastifyInstance, { progress }: ServerContext): void {
  app.get('/api/progress', () => progress.read())

  app.put('/api/progress/lessons/:id', (request, reply) => {
    const id = param(request, 'id', LESSON)
    progress.lesson(id, check(LESSON_STATE, request.body).state)
    return reply.code(204).send()
  })
}
