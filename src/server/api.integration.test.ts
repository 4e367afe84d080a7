import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createServer } from 'node:net'
import { readFileSync, statSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ended, knock, resultsOf, RUN, startFixture, type Fixture } from './fakes.ts'
import { startServer } from './index.ts'

let fixture: Fixture
let cookie: string
beforeAll(async () => {
  fixture = await startFixture()
  cookie = await fixture.logIn()
})
afterAll(() => fixture[Symbol.asyncDispose]())

const get = (path: string) => fixture.api(cookie, 'GET', path)
const post = (path: string, body?: unknown) => fixture.api(cookie, 'POST', path, body)

test('lessons: pages are asked for again, hashed files never', async () => {
  const page = await fixture.ask('/')
  expect(page.text).toContain('lesson')
  expect(page.headers['cache-control']).toBe('no-cache')
  expect(page.headers['content-security-policy']).toMatch(/'sha256-[\w+/]{43}='/)
  const asset = await fixture.ask('/_astro/x.abc123.js')
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const missing = await fixture.ask('/nope')
  expect([missing.status, missing.text]).toEqual([404, 'no such page'])
})

test('labs: a broken one is listed with its file and what to do', async () => {
  const { json } = await get('/api/labs')
  expect(json).toEqual([
    expect.objectContaining({
      id: 'broken',
      tasks: [],
      broken: expect.objectContaining({ file: 'labs/broken/lab.ts', hint: expect.any(String) }),
    }),
  ])
  expect((await post('/api/runs', { lab: 'broken' })).json.error?.code).toBe('lab-broken')
  const unknown = await post('/api/runs', { lab: 'nope' })
  expect([unknown.status, unknown.json.error?.code]).toEqual([404, 'unknown-lab'])
})

test('a run: each path reaches the agent with its checked body, faults in the learner’s name', async () => {
  expect((await get('/api/runs')).json).toEqual([RUN])
  expect((await get('/api/runs/tour-abcd')).json).toEqual(RUN)
  expect((await get('/api/runs/tour-abcd/terminals')).json).toHaveLength(2)
  expect((await get('/api/runs/tour-abcd/evidence?kind=lab&from=1')).text).toBe(
    '{"n":1,"kind":"lab"}\n{"n":2,"kind":"lab"}\n',
  )
  fixture.agent.asked.length = 0
  const fault = { fault: 'kill', target: 'cp-1/kube-scheduler', by: 'instructor' }
  expect((await post('/api/runs/tour-abcd/faults', fault)).status).toBe(200)
  await post('/api/runs/tour-abcd/pause')
  await post('/api/runs/tour-abcd/terminals', { node: 'cp-1' })
  await post('/api/runs/tour-abcd/tasks/q1/hint')
  expect(fixture.agent.asked).toEqual([
    'POST /v1/faults {"fault":"kill","target":"cp-1/kube-scheduler","by":"learner"}',
    'POST /v1/pause {}',
    'POST /v1/terminals {"node":"cp-1"}',
    'POST /v1/tasks/q1/hint {}',
  ])
})

test('an agent’s refusal comes through with code and hint', async () => {
  const { status, json } = await post('/api/runs/tour-abcd/reset')
  expect([status, json.error]).toEqual([
    409,
    { code: 'wrong-state', message: 'not now', hint: 'wait' },
  ])
  expect((await get('/api/runs/other')).json.error?.code).toBe('unknown-run')
  const ticket = await post('/api/runs/tour-abcd/terminals/t9/tickets')
  expect([ticket.status, ticket.json.error?.code]).toEqual([404, 'unknown-terminal'])
})

test.each<[string, unknown, string]>([
  ['/api/runs', {}, 'body.lab'],
  ['/api/runs', { lab: 'tour', seed: -1 }, 'body.seed'],
  ['/api/runs', { lab: '../etc' }, 'body.lab'],
  ['/api/runs/tour-abcd/faults', { fault: 'explode', target: 'cp-1' }, 'body.fault'],
  ['/api/runs/tour-abcd/faults', { fault: 'kill', target: '-rf /' }, 'body.target'],
  ['/api/runs/tour-abcd/faults', { fault: 'unplug', target: 'cp-1', from: ['a b'] }, 'body.from.0'],
  ['/api/runs/tour-abcd/check', { tasks: [] }, 'body.tasks'],
  ['/api/runs/tour-abcd/terminals', { node: 7 }, 'body.node'],
  ['/api/runs/tour-abcd/terminals', { node: 'cp-1', argv: ['sh'] }, 'body'],
  ['/api/runs/tour-abcd/tasks/q1/answer', { value: 'x'.repeat(2_001) }, 'body.value'],
  ['/api/runs/Tour/pause', {}, 'name'],
  ['/api/runs/tour-abcd/tasks/..%2f..%2fend/hint', {}, 'task'],
])('%s refuses %o and names the place', async (path, body, place) => {
  const before = fixture.agent.asked.length
  const { status, json } = await post(path, body)
  expect([status, json.error?.code]).toEqual([400, 'bad-input'])
  expect(json.error?.message).toMatch(new RegExp(`^${place}: `))
  expect(fixture.agent.asked).toHaveLength(before)
})

test('what is no JSON, too large, or nowhere is refused in the same form', async () => {
  const headers = { cookie, origin: fixture.origin, 'content-type': 'application/json' }
  const ask = (path: string, body: string) => fixture.ask(path, { method: 'POST', headers, body })
  expect((await ask('/api/runs', '{')).status).toBe(400)
  const large = await ask('/api/runs', JSON.stringify({ lab: 'x'.repeat(70_000) }))
  expect([large.status, large.json.error?.code]).toEqual([413, 'too-big'])
  const nowhere = await ask('/api/nope', '{}')
  expect([nowhere.status, nowhere.json.error?.code]).toEqual([404, 'unknown-path'])
})

test('events and terminals are relayed both ways, text as text and bytes as bytes', async () => {
  const { json } = await post('/api/runs/tour-abcd/terminals/t1/tickets')
  const socket = await knock(fixture, '/ws/runs/tour-abcd/terminals/t1', {
    cookie,
    protocols: ['lab-term.v1', `ticket.${String(json['ticket'])}`],
  })
  const heard: [string, boolean][] = []
  socket.on('message', (frame: Buffer, binary) => heard.push([frame.toString('hex'), binary]))
  // Said before the agent is reached: it waits, and arrives first.
  socket.send('{"type":"hello"}')
  socket.send(Uint8Array.of(0x11, 0xff, 0xfe))
  const text = Buffer.from('{"type":"hello"}').toString('hex')
  await vi.waitFor(() =>
    expect(heard).toEqual([
      [text, false],
      ['11fffe', true],
    ]),
  )
  const end = ended(socket)
  fixture.agent.sockets.at(-1)?.socket.close(4410, 'exited')
  expect(await end).toEqual({ code: 4410, reason: 'exited' })
})

test('a page that leaves leaves the agent too; a lost agent is a 1011 that the page retries', async () => {
  const count = fixture.agent.sockets.length
  const first = await knock(fixture, '/ws/runs/tour-abcd/events', { cookie })
  await vi.waitFor(() => expect(fixture.agent.sockets).toHaveLength(count + 1))
  const agentSide = fixture.agent.sockets[count]?.socket
  if (!agentSide) throw new Error('no socket')
  const left = ended(agentSide)
  first.terminate()
  await left
  const second = await knock(fixture, '/ws/runs/tour-abcd/events', { cookie })
  await vi.waitFor(() => expect(fixture.agent.sockets).toHaveLength(count + 2))
  const end = ended(second)
  fixture.agent.sockets.at(-1)?.socket.terminate()
  expect((await end).code).toBe(1011)
  const unknown = await knock(fixture, '/ws/runs/other/events', { cookie })
  expect((await ended(unknown)).code).toBe(4404)
})

test('progress: lessons, best results from events and checks, answers', async () => {
  const put = (id: string, state: string) =>
    fixture.api(cookie, 'PUT', `/api/progress/lessons/${encodeURIComponent(id)}`, { state })
  expect((await put('leader-election/one-acts', 'seen')).status).toBe(204)
  await put('leader-election/one-acts', 'done')
  await put('leader-election/one-acts', 'seen')
  expect((await put('../x', 'seen')).status).toBe(400)

  const count = fixture.agent.sockets.length
  const socket = await knock(fixture, '/ws/runs/tour-abcd/events', { cookie })
  await vi.waitFor(() => expect(fixture.agent.sockets).toHaveLength(count + 1))
  const agent = fixture.agent.sockets.at(-1)?.socket
  agent?.send(JSON.stringify({ type: 'results', results: resultsOf(2) }))
  await new Promise((resolve) => socket.once('message', resolve))
  await post('/api/runs/tour-abcd/check')
  await post('/api/runs/tour-abcd/tasks/q1/answer', { value: 'cp-2' })
  expect((await get('/api/progress')).json).toEqual({
    lessons: [
      { id: 'leader-election/one-acts', seenAt: expect.any(String), doneAt: expect.any(String) },
    ],
    labs: [{ lab: 'tour', score: 2, max: 2, at: expect.any(String) }],
    answers: [{ lab: 'tour', task: 'q1', value: 'cp-2', status: 'pass', at: expect.any(String) }],
    passed: ['tour'],
  })
  socket.terminate()
})

test('metrics count, and name no secrets', async () => {
  const { text } = await get('/metrics')
  expect(text).toContain('route="/api/runs/:name"')
  expect(text).toContain('halab_sockets{kind="events"}')
  expect(text).not.toContain(cookie.split('=')[1])
})

test('server.json is for its owner, carries a fresh link after each login, and goes with the server', async () => {
  await using own = await startFixture()
  const path = join(own.folder, 'state', 'server.json')
  const read = () => JSON.parse(readFileSync(path, 'utf8')) as { url: string }
  expect(read()).toEqual({ url: own.server.url, port: own.server.port, pid: process.pid })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const before = read().url
  expect(before).toMatch(new RegExp(`^http://127.0.0.1:${own.server.port}/#token=[\\w-]{43}$`))
  await own.logIn()
  expect(read().url).not.toBe(before)
  expect(read().url).toBe(own.server.url)
  await own.server.close()
  expect(() => read()).toThrow()
})

test('a restart: pages are told to come back, and the session still holds', async () => {
  await using own = await startFixture()
  const session = await own.logIn()
  const socket = await knock(own, '/ws/runs/tour-abcd/events', { cookie: session })
  const end = ended(socket)
  const { port } = own.server
  await own.server.close()
  expect((await end).code).toBe(1001)
  const again = await startServer({
    port,
    dist: join(own.folder, 'dist'),
    root: own.folder,
    state: join(own.folder, 'state'),
  })
  expect(again.port).toBe(port)
  expect((await own.api(session, 'GET', '/api/session')).status).toBe(200)
  await again.close()
})

test('a port in use: the next free one, on both addresses', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen({ host: '127.0.0.1', port: 0 }, resolve))
  const { port } = taken.address() as { port: number }
  await using own = await startFixture({ port })
  expect(own.server.port).toBeGreaterThan(port)
  expect(own.server.port).toBeLessThan(port + 20)
  expect((await own.ask('/')).status).toBe(200)
  await new Promise((resolve) => taken.close(resolve))
})

test('a course that is not built says how to build it', async () => {
  await expect(startServer({ port: 0, dist: join(fixture.folder, 'nowhere') })).rejects.toThrow(
    expect.objectContaining({ code: 'no-site', hint: expect.stringContaining('npm run site') }),
  )
})

test.each<[string, (state: string) => Promise<unknown>]>([
  [
    'no database',
    (state) => writeFile(join(state, 'halab.sqlite'), 'this is not a database'.repeat(99)),
  ],
  [
    'written by a newer halab',
    async (state) => {
      const database = new DatabaseSync(join(state, 'halab.sqlite'))
      database.exec('PRAGMA user_version = 99')
      database.close()
    },
  ],
  ['a folder', (state) => mkdir(join(state, 'halab.sqlite'))],
  [
    'locked by another program',
    async (state) => {
      const database = new DatabaseSync(join(state, 'halab.sqlite'))
      onTestFinished(() => database.close())
      database.exec('BEGIN EXCLUSIVE')
    },
  ],
])(
  'progress in a file that is %s: lessons and login go on, progress says what to do',
  async (_, spoil) => {
    const state = join(fixture.folder, `state-${Math.random()}`)
    await mkdir(state)
    await chmod(state, 0o700)
    await spoil(state)
    await using own = await startFixture({ state })
    expect((await own.ask('/')).status).toBe(200)
    const session = await own.logIn()
    expect((await own.api(session, 'GET', '/api/session')).status).toBe(200)
    const { status, json } = await own.api(session, 'GET', '/api/progress')
    expect(status).toBe(503)
    expect(json.error?.code).toMatch(/^progress-(unavailable|newer)$/)
    expect(json.error?.hint).toBeTruthy()
    expect((await own.api(session, 'POST', '/api/runs/tour-abcd/check')).status).toBe(200)
  },
)
