import { expect, test } from 'vitest'
import { exposure } from './addresses.ts'
import { guard, type Visit } from './guard.ts'

const { addresses } = exposure(undefined, undefined)
const here = addresses(4321)
const visit = (fields: Partial<Visit>, headers: Visit['headers'] = {}): Visit => ({
  kind: 'request',
  method: 'GET',
  area: 'api',
  ...fields,
  headers: { host: '127.0.0.1:4321', ...headers },
})
const own = { origin: 'http://127.0.0.1:4321' }
const json = { 'content-type': 'application/json' }

test.each<[string, Visit]>([
  ['a page read by hand', visit({ area: 'open' })],
  ['a lesson linked from elsewhere', visit({ area: 'open' }, { 'sec-fetch-site': 'cross-site' })],
  ['an API address typed by hand', visit({}, { 'sec-fetch-site': 'none' })],
  ['the page reading', visit({}, { 'sec-fetch-site': 'same-origin' })],
  ['the page changing', visit({ method: 'POST' }, { ...own, ...json })],
  ['the page by another name', visit({}, { host: 'localhost:4321' })],
  ['the page over IPv6', visit({}, { host: '[::1]:4321', origin: 'http://[::1]:4321' })],
  ['the page’s socket', visit({ kind: 'upgrade' }, own)],
])('lets in %s', (_, allowed) => {
  expect(() => guard(allowed, here)).not.toThrow()
})

test.each<[string, string, Visit]>([
  ['a rebound name', 'bad-host', visit({ area: 'open' }, { host: 'evil.example:4321' })],
  ['another port', 'bad-host', visit({}, { host: '127.0.0.1:4322' })],
  ['no port', 'bad-host', visit({}, { host: '127.0.0.1' })],
  ['a name that begins like ours', 'bad-host', visit({}, { host: '127.0.0.1:4321.evil.example' })],
  ['no host', 'bad-host', { ...visit({}), headers: {} }],
  ['a foreign page changing', 'bad-origin', visit({ method: 'POST' }, { origin: 'http://evil' })],
  ['a foreign page reading', 'bad-origin', visit({}, { origin: 'http://evil.example' })],
  ['a sandboxed page', 'bad-origin', visit({ method: 'POST' }, { origin: 'null', ...json })],
  ['a change from nowhere', 'bad-origin', visit({ method: 'PUT' }, json)],
  ['a socket from nowhere', 'bad-origin', visit({ kind: 'upgrade' })],
  ['a socket of a foreign page', 'bad-origin', visit({ kind: 'upgrade' }, { origin: 'http://e' })],
  [
    'our other name’s page: another origin to a browser',
    'bad-origin',
    visit({ kind: 'upgrade' }, { origin: 'http://localhost:4321' }),
  ],
  ['https for http', 'bad-origin', visit({}, { origin: 'https://127.0.0.1:4321' })],
  ['a cross-site read', 'cross-site', visit({}, { 'sec-fetch-site': 'cross-site' })],
  ['a same-site read', 'cross-site', visit({}, { 'sec-fetch-site': 'same-site' })],
  [
    'a change by hand',
    'cross-site',
    visit({ method: 'POST' }, { ...own, ...json, 'sec-fetch-site': 'none' }),
  ],
  [
    'a form',
    'bad-content-type',
    visit({ method: 'POST' }, { ...own, 'content-type': 'text/plain' }),
  ],
  ['no type', 'bad-content-type', visit({ method: 'POST' }, own)],
])('keeps out %s', (_, code, refused) => {
  expect(() => guard(refused, here)).toThrow(expect.objectContaining({ code }))
})

test('others may reach it only with TLS in front', () => {
  expect(() => exposure('0.0.0.0', undefined)).toThrow(/no TLS/)
  expect(() => exposure('0.0.0.0', 'http://course.example.org')).toThrow(/https origin/)
  expect(() => exposure('0.0.0.0', 'https://course.example.org/x')).toThrow(/https origin/)
  const behind = exposure('0.0.0.0', 'https://course.example.org')
  expect(behind.secure).toBe(true)
  expect(behind.addresses(4321)).toEqual([
    { host: 'course.example.org', origin: 'https://course.example.org' },
  ])
})

test('the default port is left out of names, as clients do', () => {
  expect(addresses(80).map(({ host }) => host)).toEqual(['127.0.0.1', '[::1]', 'localhost'])
})
