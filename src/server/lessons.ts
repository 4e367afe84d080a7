/** The built course, as files. */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const YEAR_SECONDS = 31_536_000

export async function lessonRoutes(app: FastifyInstance, dist: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: dist,
    dotfiles: 'ignore',
    redirect: true,
    cacheControl: false,
    setHeaders(reply, path) {
      // Astro's own folder has the content's hash in each name; everything else is asked for again.
      const hashed = path.startsWith(join(dist, '_astro'))
      reply.header(
        'cache-control',
        hashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
      )
    },
  })
  const notFound = await readFile(join(dist, '404.html'), 'utf8').catch(() => 'Not found')
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).header('cache-control', 'no-store')
    if (isPage(request.raw.url ?? '', request.method)) return reply.type('text/html').send(notFound)
    return reply.send({ error: { code: 'unknown-path', message: 'Nothing answers there' } })
  })
}

const isPage = (url: string, method: string) =>
  (method === 'GET' || method === 'HEAD') && !/^\/(api|ws|metrics)(\/|\?|$)/.test(url)
