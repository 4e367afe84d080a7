/** The client of `src/kube` against a real API server; here, because that room may start none. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createKubeClient, failureReason, listAndWatch } from '../kube/index.ts'
import type { KubeConfigMap } from '../kube/index.ts'
import { startControlPlane } from './testing/control-plane.ts'
import type { ControlPlane } from './testing/control-plane.ts'

const PATH = '/api/v1/namespaces/default/configmaps'
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 30_000, interval: 50 })
let plane: ControlPlane

beforeAll(async () => {
  plane = await startControlPlane()
  await until(async () => {
    expect((await plane.admin.raw('GET', '/readyz')).text).toBe('ok')
    await plane.admin.get('/api/v1/namespaces/default')
  })
}, 60_000)
afterAll(() => plane[Symbol.asyncDispose]())

const configMap = (name: string): KubeConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { word: 'ä' },
})

test('creates, reads, changes in each way, and deletes', async () => {
  const { admin } = plane
  const created = await admin.create(PATH, configMap('a'))
  await expect(admin.create(PATH, configMap('a'))).rejects.toMatchObject({
    status: 409,
    reason: 'AlreadyExists',
  })
  await admin.patch(`${PATH}/a`, { data: { merged: '1' } }, 'merge')
  await admin.patch(`${PATH}/a`, [{ op: 'add', path: '/data/json', value: '2' }], 'json')
  await admin.patch(`${PATH}/a`, { metadata: { labels: { strategic: '3' } } }, 'strategic')
  const applied = { ...configMap('a'), data: { applied: '4' } }
  await admin.patch(`${PATH}/a`, applied, 'apply', { fieldManager: 'test' })
  const read = await admin.get<KubeConfigMap>(`${PATH}/a`)
  expect(read.data).toEqual({ word: 'ä', merged: '1', json: '2', applied: '4' })
  expect(read.metadata?.labels).toEqual({ strategic: '3' })
  const stale = admin.update(`${PATH}/a`, created)
  await expect(stale).rejects.toMatchObject({ status: 409, reason: 'Conflict' })
  const { items } = await admin.list<KubeConfigMap>(PATH, { fieldSelector: 'metadata.name=a' })
  expect(items).toHaveLength(1)
  await admin.delete(`${PATH}/a`)
  await expect(admin.get(`${PATH}/a`)).rejects.toMatchObject({ status: 404 })
})

test('a watch tells what happens from a version on, until the server ends it', async () => {
  const { admin } = plane
  const { resourceVersion } = await admin.list(PATH)
  await admin.create(PATH, configMap('c'))
  await admin.delete(`${PATH}/c`)
  const { signal } = new AbortController()
  const query = { resourceVersion, timeoutSeconds: 1 }
  const seen: string[] = []
  for await (const { type, object } of admin.watch<KubeConfigMap>(PATH, query, signal)) {
    if (type !== 'BOOKMARK') seen.push(`${type} ${object.metadata?.name}`)
  }
  expect(seen).toEqual(['ADDED c', 'DELETED c'])
})

test('a frozen API server is a gap and no crash, and observation goes on when it thaws', async () => {
  const { host, port, authority, adminPair, apiServer } = plane
  const ca = authority.pem.cert
  const server = `https://${host}:${port}`
  await using client = createKubeClient({ server, ca, ...adminPair, timeoutMs: 500 })
  const stop = new AbortController()
  const seen: string[] = []
  const following = listAndWatch<KubeConfigMap>(
    client,
    PATH,
    {
      onSync: (items) => seen.push(`sync ${items.some(({ metadata }) => metadata?.name === 'b')}`),
      onEvent: ({ type, object }) => seen.push(`${type} ${object.metadata?.name}`),
      onGap: (error) => seen.push(`gap ${failureReason(error)}`),
      onRecovered: () => seen.push('recovered'),
    },
    stop.signal,
    { query: { timeoutSeconds: 1 } },
  )
  await until(() => expect(seen).toEqual(['sync false']))
  await client.create(PATH, configMap('b'))
  await until(() => expect(seen).toEqual(['sync false', 'ADDED b']))
  apiServer.kill('SIGSTOP')
  try {
    await until(() => expect(seen.at(-1)).toBe('gap timeout'))
    const hung = await client.get(PATH).catch(failureReason)
    expect(hung).toBe('timeout')
  } finally {
    apiServer.kill('SIGCONT')
  }
  await until(() => expect(seen.slice(-2)).toEqual(['sync true', 'recovered']))
  await client.delete(`${PATH}/b`)
  await until(() => expect(seen.at(-1)).toBe('DELETED b'))
  stop.abort()
  await following
}, 90_000)
