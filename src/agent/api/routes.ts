/** The agent's API as a table: method, path, who may use it, what it does. */
import { z } from 'zod'
import { HalabError } from '../../errors.ts'
import { FAULTS } from '../../wire/evidence.ts'
import type { Lab } from '../lab.ts'

/** `host`: the CLI and the server, through the run's socket. `learner`: the `lab` command on nodes. */
export type Caller = 'host' | 'learner'

export interface Call {
  readonly lab: Lab
  readonly caller: Caller
  readonly params: readonly string[]
  readonly body: unknown
}

export interface Route {
  readonly method: 'GET' | 'POST'
  /** Groups become `params`. */
  readonly path: RegExp
  readonly callers: readonly Caller[]
  readonly answer: (call: Call) => unknown
}

const BOTH = ['host', 'learner'] as const
const HOST = ['host'] as const
const ID = '([a-z0-9][a-z0-9-]*)'

const checkBody = z.strictObject({ tasks: z.array(z.string()).optional() })
const answerBody = z.strictObject({ value: z.string().max(1000) })
const terminalBody = z.strictObject({ node: z.string() })
const faultBody = z.strictObject({
  fault: z.enum(FAULTS),
  target: z.string().max(100),
  from: z.array(z.string()).min(1).optional(),
  oneWay: z.boolean().optional(),
  by: z.enum(['learner', 'instructor', 'schedule']).optional(),
})

export const routes: readonly Route[] = [
  route('GET', '/v1/run', BOTH, ({ lab }) => lab.summary()),
  route('GET', '/v1/results', BOTH, ({ lab }) => lab.grading.results()),
  route('GET', '/v1/map', BOTH, ({ lab }) => lab.map()),
  route('POST', '/v1/check', BOTH, ({ lab, body }) =>
    lab.grading.check(parse(checkBody, body).tasks),
  ),
  route('POST', `/v1/tasks/${ID}/hint`, BOTH, ({ lab, params: [task = ''] }) =>
    lab.grading.hint(task),
  ),
  route('POST', `/v1/tasks/${ID}/answer`, BOTH, ({ lab, params: [task = ''], body }) =>
    lab.grading.answer(task, parse(answerBody, body).value),
  ),
  route('POST', '/v1/faults', BOTH, ({ lab, body, caller }) => {
    const request = parse(faultBody, body)
    return lab.fault({
      ...request,
      by: caller === 'learner' ? 'learner' : (request.by ?? 'learner'),
    })
  }),
  route('POST', '/v1/pause', HOST, async ({ lab }) => (await lab.pause(), stateOf(lab))),
  route('POST', '/v1/resume', HOST, async ({ lab }) => (await lab.resume(), stateOf(lab))),
  route('POST', '/v1/reset', BOTH, async ({ lab }) => (await lab.reset(), stateOf(lab))),
  route('POST', '/v1/end', HOST, ({ lab }) => ({ name: lab.run.name, state: 'ended' })),
  route('GET', '/v1/terminals', HOST, ({ lab }) => lab.terminals.list()),
  route('POST', '/v1/terminals', HOST, ({ lab, body }) =>
    lab.terminals.open(parse(terminalBody, body).node),
  ),
  route('POST', `/v1/terminals/${ID}/close`, HOST, ({ lab, params: [id = ''] }) => {
    lab.terminals.close(id)
    return lab.terminals.list()
  }),
]

function route(
  method: Route['method'],
  path: string,
  callers: readonly Caller[],
  answer: Route['answer'],
): Route {
  return { method, path: new RegExp(`^${path}$`), callers, answer }
}

function stateOf(lab: Lab): { name: string; state: string } {
  return { name: lab.run.name, state: lab.summary().state }
}

/** Throws `bad-request` with the path of what is wrong in the data. */
export function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {})
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = issue?.path.join('.') || 'body'
  throw new HalabError('bad-request', `${where}: ${issue?.message ?? 'not understood'}`)
}
