/**
 * The agent: one process per running lab. Holds its nodes, terminals, evidence and verdicts, and
 * listens on Unix sockets only. Ends by itself when asked to; when killed, the lab ends with it.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { paths } from '../engines/namespaces/paths.ts'
import type { RunFile } from '../engines/runs.ts'
import { errorBody } from '../errors.ts'
import { runFolderGone } from './run-folder.ts'

const run = JSON.parse(await readFile(`${paths.run}/run.json`, 'utf8')) as RunFile
process.title = `halab-agent ${run.name}`
process.on('unhandledRejection', (error) => console.error('unhandled:', error))

if (run.lab === undefined) await prepare(run)
else await lab({ ...run, lab: run.lab })
process.exit(0)

async function lab(labRun: RunFile & { lab: string }): Promise<void> {
  const { openLab } = await import('./lab.ts')
  const { serveApi } = await import('./api/server.ts')
  await mkdir(paths.learnerSockets, { recursive: true })
  const opened = await openLab(labRun)
  await using api = await serveApi(opened, {
    host: `${paths.run}/agent.sock`,
    learner: `${paths.learnerSockets}/lab.sock`,
  })
  await Promise.race([
    once(api.endAsked, 'abort'),
    once(process, 'SIGTERM'),
    once(process, 'SIGINT'),
    runFolderGone(),
  ])
  await opened.end()
}

/** One question to answer: whether what later labs need is made, once it is. */
async function prepare({ prepares = [] }: RunFile): Promise<void> {
  const over = new AbortController()
  const making = (async () => {
    if (prepares.includes('compiled')) {
      enableCompileCache(`${paths.run}/compiled`)
      await Promise.all([
        import('./lab.ts'),
        import('./api/server.ts'),
        import('../terminal/index.ts'),
      ])
      flushCompileCache()
    }
    if (!prepares.includes('golden')) return
    const { makeGolden } = await import('./golden.ts')
    await makeGolden(`${paths.run}/golden.db`, over.signal)
  })()
  const server = createServer((request, response) => {
    if (request.url === '/v1/end') {
      response.end()
      over.abort()
      return
    }
    if (request.url !== '/v1/prepared') {
      const error = { code: 'unknown-path', message: 'this agent prepares what labs need' }
      response.statusCode = 404
      response.end(JSON.stringify({ error }))
      return
    }
    making.then(
      () => response.end('{}'),
      (error: unknown) => {
        console.error('prepare:', error)
        response.statusCode = 500
        response.end(JSON.stringify({ error: errorBody(error, 'prepare-failed') }))
      },
    )
  })
  server.listen(`${paths.run}/agent.sock`)
  await Promise.race([once(over.signal, 'abort'), once(process, 'SIGTERM')])
  server.closeAllConnections()
}
