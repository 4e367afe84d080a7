/** Errors as they leave the server: `{error: {code, message, hint}}` with a status, whatever threw them. */
import type { FastifyInstance } from 'fastify'
import { errorBody, HalabError, isHalabError, type ErrorBody } from '../errors.ts'

const STATUS: Readonly<Record<string, number>> = {
  'no-session': 401,
  'bad-token': 401,
  'bad-ticket': 401,
  'bad-host': 403,
  'bad-origin': 403,
  'cross-site': 403,
  forbidden: 403,
  'lab-gone': 404,
  'name-taken': 409,
  'too-big': 413,
  'bad-content-type': 415,
  'lab-broken': 422,
  'too-many': 429,
  'too-many-sockets': 429,
  internal: 500,
  'agent-error': 502,
  'progress-unavailable': 503,
  'progress-newer': 503,
}

/** What an agent or an engine refuses without a status of its own is a conflict with the lab's state. */
export function statusOf(code: string): number {
  if (code in STATUS) return STATUS[code] ?? 500
  if (code.startsWith('unknown-')) return 404
  if (code.startsWith('bad-')) return 400
  return 409
}

export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const [status, body] = refusal(error)
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    return reply.code(status).send({ error: body })
  })
}

function refusal(error: Error & { statusCode?: number; code?: string }): [number, ErrorBody] {
  if (isHalabError(error)) return [statusOf(error.code), errorBody(error)]
  const status = error.statusCode ?? 500
  if (status >= 500) {
    const hint = 'The server’s log says more.'
    return [500, { code: 'internal', message: 'Something failed inside halab', hint }]
  }
  return [status, { code: FASTIFY_CODES[status] ?? 'bad-request', message: error.message }]
}

const FASTIFY_CODES: Readonly<Record<number, string>> = {
  404: 'unknown-path',
  413: 'too-big',
  414: 'too-big',
  415: 'bad-content-type',
}

export const noSession = (): HalabError =>
  new HalabError('no-session', 'You are not logged in', {
    hint: 'Open the link that `halab serve` printed, with its token.',
  })
