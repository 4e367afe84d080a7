/** The labs there are, and starting one. */
import type { FastifyInstance } from 'fastify'
import { labSummary, loadLab, loadLabs } from '../../grading/load.ts'
import type { RunSummary } from '../../wire/lab.ts'
import type { LabListing } from '../../wire/server-api.ts'
import type { ServerContext } from '../context.ts'
import { check, START } from '../input.ts'

export function labRoutes(app: FastifyInstance, { root, runs, closing }: ServerContext): void {
  app.get('/api/labs', async (): Promise<LabListing[]> => {
    const { labs, broken } = await loadLabs(root)
    const sound = labs.map(({ spec }) => labSummary(spec))
    const unusable = broken.map(({ id, ...where }) => ({
      id,
      title: id,
      module: '',
      minutes: 0,
      engines: [],
      tasks: [],
      broken: where,
    }))
    return [...sound, ...unusable]
  })

  app.get('/api/runs', () => runs.list())

  app.post('/api/runs', async (request, reply) => {
    const wanted = check(START, request.body)
    // Before anything is started: an unknown or broken lab is refused with what to do.
    await loadLab(root, wanted.lab)
    // Closing the server interrupts a start, as Ctrl-C does for `halab up`; a page that goes away does not.
    const agent = await runs.launch(wanted, closing)
    return reply.code(202).send(await agent.get<RunSummary>('/v1/run'))
  })
}
