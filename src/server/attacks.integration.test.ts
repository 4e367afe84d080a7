/** The security checklist as attacks, on real sockets. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect } from 'node:net'
import { ended, knock, startFixture, type Fixture, type Knock } from './fakes.ts'
import { SERVER_LIMITS } from './limits.ts'

let fixture: Fixture
let cookie: string
beforeAll(async () => {
  fixture = await startFixture()
  cookie = await fixture.logIn()
})
afterAll(() => fixture[Symbol.asyncDispose]())

const EVENTS = '/ws/runs/tour-abcd/events'
const TERMINAL = '/ws/runs/tour-abcd/terminals/t1'
const TICKETS = '/api/runs/tour-abcd/terminals/t1/tickets'

async function ticket(path = TICKETS, who = cookie): Promise<string> {
  const { json } = await fixture.api(who, 'POST', path)
  return String(json['ticket'])
}
const protocols = (secret: string) => ['lab-term.v1', `ticket.${secret}`]

test.each<[string, Knock]>([
  ['a hostile Origin', { origin: 'http://evil.example' }],
  ['the Origin null', { origin: 'null' }],
  ['no Origin', { origin: null }],
  ['the Origin of another port', { origin: 'http://127.0.0.1:1' }],
  ['a rebound Host', { headers: { host: 'evil.example' } }],
  ['a cross-site fetch', { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['a same-site fetch', { headers: { 'sec-fetch-site': 'same-site' } }],
])('no WebSocket with %s, cookie or not', async (_, options) => {
  for (const path of [EVENTS, TERMINAL]) {
    const knocked = knock(fixture, path, { ...options, cookie })
    await expect(knocked).rejects.toThrow('HTTP 403')
  }
})

test('no WebSocket without a cookie, or with a wrong one', async () => {
  const secret = await ticket()
  const wrong = [undefined, `halab-${fixture.server.port}=guess`, cookie.replace('halab', 'other')]
  for (const each of wrong) {
    const options = { ...(each !== undefined && { cookie: each }), protocols: protocols(secret) }
    await expect(knock(fixture, EVENTS, options)).rejects.toThrow('HTTP 401')
    await expect(knock(fixture, TERMINAL, options)).rejects.toThrow('HTTP 401')
  }
})

test.each([
  '/ws',
  '/ws/',
  '/ws/runs/tour-abcd/events/',
  '/ws/runs/tour-abcd/events?x=1',
  '/ws/runs/%2e%2e/events',
  '/ws/runs/tour-abcd/exec',
  '/api/runs',
  '/',
])('no WebSocket at %s', async (path) => {
  await expect(knock(fixture, path, { cookie })).rejects.toThrow('HTTP 404')
})

test('a terminal takes a ticket, once', async () => {
  await expect(knock(fixture, TERMINAL, { cookie })).rejects.toThrow('HTTP 401')
  await expect(knock(fixture, TERMINAL, { cookie, protocols: ['lab-term.v1'] })).rejects.toThrow(
    'HTTP 401',
  )
  const secret = await ticket()
  const socket = await knock(fixture, TERMINAL, { cookie, protocols: protocols(secret) })
  expect(socket.protocol).toBe('lab-term.v1')
  await expect(knock(fixture, TERMINAL, { cookie, protocols: protocols(secret) })).rejects.toThrow(
    'HTTP 401',
  )
  socket.terminate()
})

test('a ticket opens no other terminal, and not for another session', async () => {
  const forAnother = await ticket('/api/runs/tour-abcd/terminals/t2/tickets')
  await expect(
    knock(fixture, TERMINAL, { cookie, protocols: protocols(forAnother) }),
  ).rejects.toThrow('HTTP 401')
  const secret = await ticket()
  const stranger = await fixture.logIn()
  await expect(
    knock(fixture, TERMINAL, { cookie: stranger, protocols: protocols(secret) }),
  ).rejects.toThrow('HTTP 401')
})

test('an expired ticket opens nothing', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const secret = await ticket()
    vi.setSystemTime(Date.now() + SERVER_LIMITS.ticketMs)
    await expect(
      knock(fixture, TERMINAL, { cookie, protocols: protocols(secret) }),
    ).rejects.toThrow('HTTP 401')
  } finally {
    vi.useRealTimers()
  }
})

test('the role comes from the server: what the page says about itself reaches no agent', async () => {
  const secret = await ticket()
  const headers = { 'x-halab-role': 'instructor', 'x-halab-client': 'cli' }
  const socket = await knock(fixture, TERMINAL, { cookie, headers, protocols: protocols(secret) })
  await vi.waitFor(() => expect(fixture.agent.sockets.at(-1)?.path).toBe('/v1/terminals/t1'))
  expect(fixture.agent.sockets.at(-1)?.headers).toMatchObject({
    'x-halab-role': 'learner',
    'x-halab-client': 'page',
  })
  socket.terminate()
})

test('an oversized frame ends the socket and reaches nobody', async () => {
  const socket = await knock(fixture, TERMINAL, { cookie, protocols: protocols(await ticket()) })
  const end = ended(socket)
  socket.on('message', () => expect.unreachable('it was passed on'))
  socket.send(Buffer.alloc(SERVER_LIMITS.frameBytes + 1))
  expect((await end).code).toBe(1009)
})

test('so many sockets a session, and no more', async () => {
  const guest = await fixture.logIn()
  const open = await Promise.all(
    Array.from({ length: SERVER_LIMITS.socketsPerSession }, () =>
      knock(fixture, EVENTS, { cookie: guest }),
    ),
  )
  await expect(knock(fixture, EVENTS, { cookie: guest })).rejects.toThrow('HTTP 429')
  const [first, ...rest] = open
  const gone = first && ended(first)
  first?.close()
  await gone
  await vi.waitFor(async () => rest.push(await knock(fixture, EVENTS, { cookie: guest })))
  for (const socket of rest) socket.terminate()
})

test('logging out closes what the session had open, and only that', async () => {
  const guest = await fixture.logIn()
  const [theirs, mine] = [
    await knock(fixture, EVENTS, { cookie: guest }),
    await knock(fixture, EVENTS, { cookie }),
  ]
  const end = ended(theirs)
  expect((await fixture.api(guest, 'DELETE', '/api/session')).status).toBe(204)
  expect((await end).code).toBe(4401)
  expect((await fixture.api(guest, 'GET', '/api/session')).status).toBe(401)
  expect(mine.readyState).toBe(mine.OPEN)
  mine.terminate()
})

test.each([
  ['GET', '/api/labs'],
  ['GET', '/api/runs'],
  ['GET', '/api/session'],
  ['GET', '/api/progress'],
  ['GET', '/api/runs/tour-abcd/evidence'],
  ['GET', '/%61pi/labs'],
  ['GET', '/api/../api/labs'],
  ['GET', '/metrics'],
  ['POST', '/api/runs'],
  ['POST', '/api/runs/tour-abcd/faults'],
  ['PUT', '/api/progress/lessons/x'],
  ['DELETE', '/api/session'],
])('%s %s needs a session', async (method, path) => {
  const { status, json } = await fixture.api('', method, path)
  // An address that the router does not know without its dots says nothing either.
  expect([401, 403, 404]).toContain(status)
  expect(json.error?.code ?? 'forbidden').toMatch(
    /^(no-session|unknown-path|forbidden|bad-request)$/,
  )
  expect((await fixture.api(`halab-${fixture.server.port}=x`, method, path)).status).not.toBe(200)
})

test.each<[string, Record<string, string>, number, string]>([
  ['a hostile Origin', { origin: 'http://evil.example' }, 403, 'bad-origin'],
  ['the Origin null', { origin: 'null' }, 403, 'bad-origin'],
  ['no Origin', { origin: '' }, 403, 'bad-origin'],
  ['a rebound Host', { host: 'evil.example' }, 403, 'bad-host'],
  ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }, 403, 'cross-site'],
  ['a fetch by hand', { 'sec-fetch-site': 'none' }, 403, 'cross-site'],
  ['a form’s content type', { 'content-type': 'text/plain' }, 415, 'bad-content-type'],
  [
    'another form’s',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'bad-content-type',
  ],
])('no change with %s, although the cookie is right', async (_, headers, status, code) => {
  const before = fixture.agent.asked.length
  const answer = await fixture.ask('/api/runs/tour-abcd/end', {
    method: 'POST',
    headers: {
      cookie,
      origin: fixture.origin,
      'content-type': 'application/json',
      ...headers,
    },
    body: '{}',
  })
  expect([answer.status, answer.json.error?.code]).toEqual([status, code])
  expect(fixture.agent.asked).toHaveLength(before)
})

test('lessons are not served under a rebound name either', async () => {
  expect((await fixture.ask('/', { headers: { host: 'evil.example' } })).status).toBe(403)
})

test('no answer allows other origins, and each carries the headers', async () => {
  for (const path of ['/', '/nope', '/api/labs', '/api/nope']) {
    const { headers } = await fixture.ask(path, { headers: { cookie } })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(headers).toMatchObject({
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  }
  const preflight = await fixture.ask('/api/runs', {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
  })
  expect(preflight.status).toBe(403)
})

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/_astro/../../secret.txt',
  '/_astro/..%5c..%5csecret.txt',
  '//etc/passwd',
  '/%00',
  '/.git/config',
])('no file outside the course by %s', async (path) => {
  const { status, text } = await fixture.ask(path)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(text).not.toContain('secret')
  expect(text).not.toContain('root:')
})

test('no redirect leads off the site', async () => {
  for (const path of ['//evil.example', '//evil.example/..', '/\\evil.example', '/_astro']) {
    const { location } = (await fixture.ask(path)).headers
    expect(location ?? '/').toMatch(/^\/(?![/\\])/)
  }
})

test('the login token is good once, and guessing ends', async () => {
  await using own = await startFixture()
  const { token } = own.server
  const logIn = (secret: string) => own.api('', 'POST', '/api/session', { token: secret })
  expect((await logIn(token)).status).toBe(200)
  const again = await logIn(token)
  expect(again.json.error).toMatchObject({ code: 'bad-token', hint: expect.any(String) })
  for (let tries = 1; tries < SERVER_LIMITS.wrongTokensPerMinute; tries += 1)
    expect((await logIn('guess')).status).toBe(401)
  expect((await logIn('guess')).status).toBe(429)
})

test('the cookie is out of scripts’ and other sites’ reach, and changes at login', async () => {
  const first = await fixture.api('', 'POST', '/api/session', { token: fixture.server.token })
  const set = first.headers['set-cookie']?.[0] ?? ''
  expect(set).toMatch(
    new RegExp(
      `^halab-${fixture.server.port}=[\\w-]{43}; Max-Age=\\d+; Path=/; HttpOnly; SameSite=Strict$`,
    ),
  )
  const old = set.split(';')[0] ?? ''
  const second = await fixture.api(old, 'POST', '/api/session', { token: fixture.server.token })
  expect(second.status).toBe(200)
  expect((await fixture.api(old, 'GET', '/api/session')).status).toBe(401)
})

test('a request that is no HTTP, or never ends its head, harms nobody', async () => {
  const socket = connect(fixture.server.port, '127.0.0.1')
  socket.write('\x16\x03\x01 nonsense\r\n\r\n')
  await new Promise((resolve) => socket.on('close', resolve).resume())
  expect((await fixture.ask('/')).status).toBe(200)
})
