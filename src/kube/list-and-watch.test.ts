import type { ServerResponse } from 'node:http'
import { beforeAll, expect, test, vi } from 'vitest'
import { createKubeClient } from './kube-client.ts'
import { listAndWatch } from './list-and-watch.ts'
import { selfSigned, startTlsServer } from './testing/tls-server.ts'
import type { SelfSigned } from './testing/tls-server.ts'

let identity: SelfSigned
beforeAll(async () => {
  identity = await selfSigned()
})

const named = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } })
const list = (rv: number) =>
  JSON.stringify({ metadata: { resourceVersion: String(rv) }, items: [named('a', '1')] })

/** An API server of one resource: lists succeed while `up`, watches stay open for the test to feed. */
async function startFake() {
  const fake = { up: true, lists: 0, watches: [] as { url: string; response: ServerResponse }[] }
  const server = await startTlsServer(identity, (request, response) => {
    if (!fake.up) request.socket.destroy()
    else if (request.url?.includes('watch=true')) {
      response.writeHead(200).flushHeaders()
      fake.watches.push({ url: request.url, response })
    } else {
      fake.lists += 1
      response.end(list(fake.lists * 10))
    }
  })
  return { fake, server }
}

test('syncs, follows, lists again after 410 without a gap, and reports gaps once', async () => {
  const { fake, server } = await startFake()
  await using _ = server
  await using client = createKubeClient({ server: server.url, ca: identity.cert, timeoutMs: 1_000 })
  const stop = new AbortController()
  const seen: string[] = []
  const done = listAndWatch<{ metadata: { name: string; resourceVersion: string } }>(
    client,
    '/things',
    {
      onSync: (_items, rv) => seen.push(`sync ${rv}`),
      onEvent: ({ type, object }) => seen.push(`${type} ${object.metadata.name}`),
      onGap: () => seen.push('gap'),
      onRecovered: () => seen.push('recovered'),
    },
    stop.signal,
    { random: () => 0 },
  )
  const send = (event: unknown) => fake.watches.at(-1)?.response.write(`${JSON.stringify(event)}\n`)
  const watches = (n: number) => vi.waitFor(() => expect(fake.watches).toHaveLength(n))

  await watches(1)
  send({ type: 'ADDED', object: named('b', '11') })
  send({ type: 'BOOKMARK', object: named('', '15') })
  await vi.waitFor(() => expect(seen).toEqual(['sync 10', 'ADDED b']))
  fake.watches.at(-1)?.response.end()
  await watches(2)
  expect(fake.watches[1]?.url).toContain('resourceVersion=15')

  send({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
  await watches(3)
  expect(seen.splice(0)).toEqual(['sync 10', 'ADDED b', 'sync 20'])

  fake.up = false
  for (const socket of server.sockets) socket.destroy()
  await vi.waitFor(() => expect(seen).toEqual(['gap']))
  fake.up = true
  await vi.waitFor(() => expect(seen).toEqual(['gap', 'sync 30', 'recovered']), 3_000)

  stop.abort()
  await done
})
