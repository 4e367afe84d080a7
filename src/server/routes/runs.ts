/** One running lab: each path is listed, each body checked, and only then is the lab's agent asked. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { AgentClient } from '../../wire/agent-client.ts'
import type { Evidence, EvidenceKind } from '../../wire/evidence.ts'
import type { RunSummary } from '../../wire/lab.ts'
import type { Results, TaskResult } from '../../wire/results.ts'
import type { ServerContext } from '../context.ts'
import { ANSWER, check, CHECK, EMPTY, EVIDENCE_QUERY, FAULT, ID, RUN, TERMINAL } from '../input.ts'

const GETS = ['results', 'terminals'] as const
const ACTIONS = ['pause', 'resume', 'reset', 'end'] as const

export function runRoutes(app: FastifyInstance, { runs, progress, warn }: ServerContext): void {
  const agentOf = (request: FastifyRequest): Promise<AgentClient> =>
    runs.connect(param(request, 'name', RUN), 'page')
  const keep = (work: () => void) => {
    try {
      work()
    } catch (error) {
      warn(error, 'progress not kept')
    }
  }

  app.get('/api/runs/:name', async (request) => (await agentOf(request)).get('/v1/run'))
  for (const path of GETS)
    app.get(`/api/runs/:name/${path}`, async (request) =>
      (await agentOf(request)).get(`/v1/${path}`),
    )

  app.get('/api/runs/:name/evidence', async (request, reply) => {
    const { kind, from } = check(EVIDENCE_QUERY, request.query, 'query')
    const agent = await agentOf(request)
    const left = new AbortController()
    reply.raw.on('close', () => left.abort())
    const lines = agent.evidence({
      ...(kind !== undefined && { kind: kind as EvidenceKind }),
      ...(from !== undefined && { from }),
      signal: left.signal,
    })
    return reply.type('application/x-ndjson').send(Readable.from(asText(lines)))
  })

  for (const action of ACTIONS)
    app.post(`/api/runs/:name/${action}`, async (request) => {
      check(EMPTY, request.body)
      return (await agentOf(request)).post(`/v1/${action}`)
    })

  app.post('/api/runs/:name/terminals', async (request) => {
    const body = check(TERMINAL, request.body)
    return (await agentOf(request)).post('/v1/terminals', body)
  })

  app.post('/api/runs/:name/faults', async (request) => {
    const body = check(FAULT, request.body)
    return (await agentOf(request)).post('/v1/faults', { ...body, by: 'learner' })
  })

  app.post('/api/runs/:name/check', async (request) => {
    const body = check(CHECK, request.body ?? {})
    const results = await (await agentOf(request)).post<Results>('/v1/check', body)
    keep(() => progress.results(results))
    return results
  })

  app.post('/api/runs/:name/tasks/:task/hint', async (request) => {
    check(EMPTY, request.body)
    const task = param(request, 'task', ID)
    return (await agentOf(request)).post(`/v1/tasks/${task}/hint`)
  })

  app.post('/api/runs/:name/tasks/:task/answer', async (request) => {
    const body = check(ANSWER, request.body)
    const task = param(request, 'task', ID)
    const agent = await agentOf(request)
    const result = await agent.post<TaskResult>(`/v1/tasks/${task}/answer`, body)
    const { lab } = await agent.get<RunSummary>('/v1/run')
    keep(() => progress.answer(lab, body.value, result))
    return result
  })
}

export function param(request: FastifyRequest, name: string, schema: z.ZodType<string>): string {
  return check(schema, (request.params as Readonly<Record<string, unknown>>)[name], name)
}

async function* asText(lines: AsyncIterable<Evidence>): AsyncIterable<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`
}
