import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { createKubeClient } from './kube-client.ts'
import type { KubeClientOptions } from './kube-client.ts'
import { failureReason } from './kube-error.ts'
import { POOL_CONNECTIONS } from './limits.ts'
import { collect } from './testing/collect.ts'
import { selfSigned, startTlsServer } from './testing/tls-server.ts'
import type { SelfSigned } from './testing/tls-server.ts'

let identity: SelfSigned
beforeAll(async () => {
  identity = await selfSigned()
})

const answer =
  (status: number, body: unknown): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

function clientOf(server: string, more: Partial<KubeClientOptions> = {}) {
  return createKubeClient({ server, ca: identity.cert, timeoutMs: 2_000, ...more })
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('should have failed'),
    (error: unknown) => error,
  )
}

test('sends method, path, query, body and content type', async () => {
  const seen: unknown[] = []
  await using server = await startTlsServer(identity, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.push([
        request.method,
        request.url,
        request.headers['content-type'],
        Buffer.concat(chunks).toString(),
      ])
      response.end('{"kind":"ok"}')
    })
  })
  await using client = clientOf(server.url)
  await client.get('/api', { fieldSelector: 'spec.nodeName=cp-1', none: undefined })
  await client.patch('/p', { a: 1 }, 'apply', { fieldManager: 'halab', force: true })
  await client.delete('/d', { gracePeriodSeconds: 0 })
  expect(seen).toEqual([
    ['GET', '/api?fieldSelector=spec.nodeName%3Dcp-1', undefined, ''],
    ['PATCH', '/p?fieldManager=halab&force=true', 'application/apply-patch+yaml', '{"a":1}'],
    ['DELETE', '/d', 'application/json', '{"gracePeriodSeconds":0}'],
  ])
})

test('an error status becomes a KubeApiError with its reason', async () => {
  const status = { kind: 'Status', code: 409, reason: 'Conflict', message: 'changed' }
  await using server = await startTlsServer(identity, answer(409, status))
  await using client = clientOf(server.url)
  const error = await failure(client.update('/x', {}))
  expect(error).toMatchObject({ code: 'kube-api', status: 409, reason: 'Conflict' })
  expect(failureReason(error)).toBe('http')
  expect(await client.raw('GET', '/x')).toMatchObject({ status: 409 })
})

test('an error that is not a Status keeps its text', async () => {
  await using server = await startTlsServer(identity, (_request, response) => {
    response.writeHead(503).end('no backend')
  })
  await using client = clientOf(server.url)
  expect(await failure(client.get('/x'))).toMatchObject({ status: 503, reason: '' })
})

test('requests to a server that hangs time out, and a fresh connection is used afterwards', async () => {
  let hangs = true
  await using server = await startTlsServer(identity, (request, response) => {
    if (!hangs) answer(200, {})(request, response)
  })
  await using client = clientOf(server.url, { timeoutMs: 150 })
  const errors = await Promise.all(Array.from({ length: 6 }, () => failure(client.get('/x'))))
  expect(errors.map(failureReason)).toEqual(Array.from({ length: 6 }, () => 'timeout'))
  const before = server.connections()
  hangs = false
  await client.get('/x')
  expect(server.connections()).toBe(before + 1)
})

test('connections are kept', async () => {
  await using server = await startTlsServer(identity, answer(200, {}))
  await using client = clientOf(server.url)
  for (let i = 0; i < 20; i++) await client.get('/x')
  expect(server.connections()).toBeLessThanOrEqual(POOL_CONNECTIONS)
})

test('tells why there was no answer', async () => {
  await using resets = await startTlsServer(identity, (request) => request.socket.destroy())
  await using reset = clientOf(resets.url)
  expect(failureReason(await failure(reset.get('/x')))).toBe('reset')

  const gone = await startTlsServer(identity, answer(200, {}))
  await gone[Symbol.asyncDispose]()
  await using refused = clientOf(gone.url)
  expect(failureReason(await failure(refused.get('/x')))).toBe('refused')

  const stranger = await selfSigned()
  await using untrusted = clientOf(resets.url, { ca: stranger.cert })
  expect(failureReason(await failure(untrusted.get('/x')))).toBe('tls')
})

test('speaks TLS over a Unix socket, and survives that it vanishes', async () => {
  const socketPath = join(tmpdir(), `halab-${randomUUID()}.sock`)
  const server = await startTlsServer(identity, answer(200, { kind: 'ok' }), socketPath)
  await using client = clientOf('https://127.0.0.1:6443', { socketPath })
  expect(await client.get('/x')).toEqual({ kind: 'ok' })
  await server[Symbol.asyncDispose]()
  const reasons = [await failure(client.get('/x')), await failure(client.get('/x'))]
  expect(['refused', 'reset']).toContain(failureReason(reasons[0]))
  expect(failureReason(reasons[1])).toBe('refused')
})

test('a watch yields events, and throws 410 when its version is too old', async () => {
  const lines = [
    { type: 'ADDED', object: { metadata: { name: 'ä' } } },
    { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'old' } },
  ]
  const urls: (string | undefined)[] = []
  await using server = await startTlsServer(identity, (request, response) => {
    urls.push(request.url)
    response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  })
  await using client = clientOf(server.url)
  const names: string[] = []
  const signal = new AbortController().signal
  const watching = async () => {
    const events = client.watch<{ metadata: { name: string } }>(
      '/w',
      { resourceVersion: 7 },
      signal,
    )
    for await (const event of events) names.push(event.object.metadata.name)
  }
  expect(await failure(watching())).toMatchObject({ status: 410, reason: 'Expired' })
  expect(names).toEqual(['ä'])
  expect(urls).toEqual([
    '/w?resourceVersion=7&watch=true&allowWatchBookmarks=true&timeoutSeconds=60',
  ])
})

test('a watch ends with its signal, and fails when the server falls silent past its end', async () => {
  await using server = await startTlsServer(identity, (_request, response) => {
    response.writeHead(200).flushHeaders()
  })
  await using client = clientOf(server.url, { timeoutMs: 100 })
  const stop = new AbortController()
  const opened = Promise.withResolvers<void>()
  const watching = collect(client.watch('/w', {}, stop.signal, { onOpen: () => opened.resolve() }))
  await opened.promise
  stop.abort()
  expect(await watching).toEqual([])

  const silent = client.watch('/w', { timeoutSeconds: 0.1 }, new AbortController().signal)
  expect(failureReason(await failure(collect(silent)))).toBe('timeout')
})
