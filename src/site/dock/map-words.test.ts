import { describe, expect, test } from 'vitest'
import type { MapComponent, MapNode, MapState } from '../../wire/state.ts'
import { glyphOf, leaseLeft, linksOf, quorumWords, toneOf } from './map-words.ts'

const component = (change: Partial<MapComponent> = {}): MapComponent => ({
  name: 'etcd',
  running: true,
  health: 'ready',
  note: 'follower',
  leads: false,
  restarts: 0,
  ...change,
})

const node = (name: string, change: Partial<MapNode> = {}): MapNode => ({
  name,
  role: 'control-plane',
  address: '172.30.0.11',
  power: 'on',
  unplugged: [],
  ready: 'True',
  components: [component()],
  pods: [],
  faults: [],
  ...change,
})

const map = (nodes: readonly MapNode[], change: Partial<MapState> = {}): MapState => ({
  ms: 0,
  epoch: 1,
  lab: 'ready',
  writes: { ok: true, tookMs: 6.4 },
  balancers: [
    { name: 'lb-1', active: true, servers: nodes.map(({ name }) => ({ name, up: true })) },
  ],
  nodes: [node('workstation', { role: 'workstation', components: [] }), ...nodes],
  leases: [],
  quorum: null,
  ...change,
})

describe('a component’s sign', () => {
  const cases: readonly [string, Partial<MapComponent>, Partial<MapNode>, string, string][] = [
    ['works', {}, {}, 'dot', 'ok'],
    ['leads', { leads: true }, {}, 'dot', 'lead'],
    ['waits', { note: 'standby' }, {}, 'ring', 'mute'],
    ['answers that it is not ready', { health: 'unready' }, {}, 'ring', 'warn'],
    ['is down', { running: false, health: 'down' }, {}, 'cross', 'bad'],
    ['never ran', { running: false, health: 'down', note: 'not started' }, {}, 'unknown', 'mute'],
    ['is not observed', { health: 'unknown' }, {}, 'unknown', 'mute'],
    ['is frozen with its node', {}, { power: 'frozen' }, 'bars', 'warn'],
    ['lost its power', {}, { power: 'off' }, 'cross', 'bad'],
  ]
  test.each(cases)('that %s', (_, change, place, glyph, tone) => {
    const at = node('cp-1', place)
    expect(glyphOf(component(change), at)).toBe(glyph)
    expect(toneOf(component(change), at)).toBe(tone)
  })
})

test.each([
  [3, 'mute', 'quorum holds: 3 of 3, needs 2'],
  [2, 'warn', 'quorum holds: 2 of 3, needs 2 · one more loss stops all writes'],
  [1, 'bad', 'quorum lost: 1 of 3, needs 2 · nothing can be written'],
])('quorum with %i healthy members', (healthy, tone, words) => {
  const quorum = { members: 3, healthy, needs: 2, leader: null, term: 3 }
  expect(quorumWords(quorum, 'ready')).toEqual({ words, tone })
})

test('members that have not come up yet have not failed', () => {
  const quorum = { members: 3, healthy: 0, needs: 2, leader: null, term: 0 }
  expect(quorumWords(quorum, 'booting').tone).toBe('mute')
  const starting = map([node('cp-1'), node('cp-2')], {
    lab: 'booting',
    balancers: [{ name: 'lb-1', active: true, servers: [{ name: 'cp-1', up: false }] }],
  })
  expect(linksOf(starting).map(({ state, label }) => [state, label])).toEqual([
    ['ok', 'writes ok · 6 ms'],
    ['unknown', null],
    ['ok', null],
  ])
})

test('a cut node is shown at both of its links', () => {
  const links = linksOf(map([node('cp-1', { unplugged: ['cp-2'] }), node('cp-2'), node('cp-3')]))
  const peers = links.filter(({ kind }) => kind === 'peer')
  expect(peers.map(({ state }) => state)).toEqual(['bad', 'ok'])
})

test('a lease drains from its last renewal to nothing', () => {
  const lease = {
    namespace: 'kube-system',
    name: 'kube-scheduler',
    holder: 'cp-1_a',
    node: 'cp-1',
    transitions: 0,
    durationSeconds: 15,
    renewedMs: 1_000,
  }
  expect(leaseLeft(lease, 1_000)).toBe(1)
  expect(leaseLeft(lease, 8_500)).toBe(0.5)
  expect(leaseLeft(lease, 60_000)).toBe(0)
})
