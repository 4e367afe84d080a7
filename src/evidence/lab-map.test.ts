import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FAULTS, type Evidence, type Observation } from '../wire/evidence.ts'
import type { NodeSummary } from '../wire/lab.ts'
import type { MapState } from '../wire/state.ts'
import { initialMap, reduceMap } from './lab-map.ts'
import { componentOf } from './map-change.ts'

const NODES: readonly NodeSummary[] = [
  { name: 'workstation', role: 'workstation', address: '172.30.0.2' },
  { name: 'lb-1', role: 'load-balancer', address: '172.30.0.8' },
  { name: 'cp-1', role: 'control-plane', address: '172.30.0.11' },
  { name: 'cp-2', role: 'control-plane', address: '172.30.0.12' },
  { name: 'cp-3', role: 'control-plane', address: '172.30.0.13' },
  { name: 'w-1', role: 'worker', address: '172.30.0.21' },
]
const MEMBERS = ['cp-1', 'cp-2', 'cp-3']
const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
const STARTED = Date.parse('2026-03-01T12:00:00Z')
const stamp = (ms: number) => new Date(STARTED + ms).toISOString()

function lines(...timed: readonly (readonly [number, Observation])[]): Evidence[] {
  return timed.map(([ms, observation], i) => ({
    n: i + 1,
    at: stamp(ms),
    ms,
    epoch: 1,
    ...observation,
  }))
}
const reduce = (state: MapState, all: readonly Evidence[]) => all.reduce(reduceMap, state)

const process = (
  event: 'start' | 'exit',
  node: string,
  component: string,
  pid = 1,
): Observation => ({
  kind: 'process',
  node,
  component,
  pid,
  event,
  ...(event === 'exit' && { signal: 'SIGKILL' }),
})
const lease = (name: string, holder: string, renewedMs: number, transitions = 0): Observation => ({
  kind: 'lease',
  namespace: 'kube-system',
  name,
  holder,
  uid: 'u',
  acquired: stamp(renewedMs),
  renewed: stamp(renewedMs),
  duration: 15,
  transitions,
  seenFrom: 'cp-1',
})
const etcd = (member: string, leader: string | null, term = 2): Observation => ({
  kind: 'etcd',
  member,
  ok: true,
  leader,
  term,
  index: 9,
  learner: false,
  dbBytes: 1,
  alarms: [],
  revision: 5,
  count: 1,
  sinceMs: 0,
})
const readyz = (target: string, ok: boolean): Observation => ({
  kind: 'api',
  target,
  op: 'readyz',
  ok,
  tookMs: 1,
  count: 1,
  sinceMs: 0,
})
const fault = (
  name: (typeof FAULTS)[number],
  target: string,
  phase: 'begin' | 'end' = 'begin',
): Observation => ({
  kind: 'fault',
  fault: name,
  target,
  phase,
  by: 'learner',
})

/** A lab that runs: cp-1 acts as both leaders, cp-2 leads etcd. */
function running(): MapState {
  const timed: [number, Observation][] = [[0, process('start', 'lb-1', 'haproxy')]]
  for (const node of MEMBERS)
    for (const each of COMPONENTS) timed.push([100, process('start', node, each)])
  for (const node of MEMBERS) timed.push([900, etcd(node, 'cp-2')], [4000, readyz(node, true)])
  timed.push([5000, lease('kube-scheduler', 'cp-1_a', 5000)])
  timed.push([5000, lease('kube-controller-manager', 'cp-1_b', 5000)])
  timed.push([
    5100,
    { kind: 'api', target: 'lb', op: 'write', ok: true, tookMs: 6, count: 1, sinceMs: 5094 },
  ])
  return reduce(initialMap(NODES), lines(...timed, [6000, { kind: 'lab', state: 'ready' }]))
}
const notes = (state: MapState, component: string) =>
  MEMBERS.map((node) => componentOf(state, node, component)?.note)
const node = (state: MapState, name: string) => state.nodes.find((each) => each.name === name)

describe('the map of a lab', () => {
  it('shows who leads, the quorum, the rotation and the writes', () => {
    const state = running()
    expect(notes(state, 'kube-scheduler')).toEqual(['holds lease', 'standby', 'standby'])
    expect(notes(state, 'etcd')).toEqual(['follower', 'leader · term 2', 'follower'])
    expect(notes(state, 'kube-apiserver')).toEqual(['ready', 'ready', 'ready'])
    expect(state.quorum).toEqual({ members: 3, healthy: 3, needs: 2, leader: 'cp-2', term: 2 })
    expect(state.balancers[0]).toMatchObject({
      active: true,
      servers: MEMBERS.map((name) => ({ name, up: true })),
    })
    expect(state.writes).toEqual({ ok: true, tookMs: 6 })
    expect(state.lab).toBe('ready')
  })

  it('shows a killed leader as down, its successor on the same node as standby until it holds the lease', () => {
    const killed = reduce(running(), lines([10_000, process('exit', 'cp-1', 'kube-scheduler')]))
    expect(notes(killed, 'kube-scheduler')).toEqual(['down', 'standby', 'standby'])
    const back = reduce(killed, lines([10_100, process('start', 'cp-1', 'kube-scheduler', 2)]))
    expect(componentOf(back, 'cp-1', 'kube-scheduler')).toMatchObject({
      running: true,
      leads: false,
      note: 'standby',
      restarts: 1,
    })
    const again = reduce(back, lines([26_000, lease('kube-scheduler', 'cp-1_c', 26_000, 1)]))
    expect(notes(again, 'kube-scheduler')).toEqual(['holds lease', 'standby', 'standby'])
  })

  it('shows a powered-off member, a lost server and the quorum that is left', () => {
    const off = reduce(running(), lines([10_000, fault('power-off', 'cp-2')]))
    expect(node(off, 'cp-2')).toMatchObject({ power: 'off', faults: ['power-on'] })
    expect(COMPONENTS.map((each) => componentOf(off, 'cp-2', each)?.note)).toEqual([
      'down',
      'down',
      'down',
      'down',
    ])
    expect(off.quorum).toMatchObject({ healthy: 2, leader: null })
    expect(off.balancers[0]?.servers.map(({ up }) => up)).toEqual([true, false, true])
    const elected = reduce(
      off,
      lines([11_000, etcd('cp-1', 'cp-1', 3)], [11_000, etcd('cp-3', 'cp-1', 3)]),
    )
    expect(elected.quorum).toEqual({ members: 3, healthy: 2, needs: 2, leader: 'cp-1', term: 3 })
    expect(node(reduce(elected, lines([20_000, fault('power-on', 'cp-2')])), 'cp-2')?.power).toBe(
      'on',
    )
  })

  it('shows a frozen node as frozen until it thaws, whatever the probes say', () => {
    const frozen = reduce(
      running(),
      lines([10_000, fault('freeze', 'cp-1')], [11_000, readyz('cp-1', false)]),
    )
    expect(node(frozen, 'cp-1')?.power).toBe('frozen')
    expect(componentOf(frozen, 'cp-1', 'kube-apiserver')).toMatchObject({
      health: 'frozen',
      running: true,
    })
    expect(componentOf(frozen, 'cp-1', 'kube-scheduler')).toMatchObject({
      note: 'frozen',
      leads: true,
    })
    const thawed = reduce(
      frozen,
      lines([12_000, fault('freeze', 'cp-1', 'end')], [12_500, readyz('cp-1', true)]),
    )
    expect(componentOf(thawed, 'cp-1', 'kube-apiserver')).toMatchObject({ note: 'ready' })
    expect(componentOf(thawed, 'cp-1', 'kube-scheduler')).toMatchObject({ note: 'holds lease' })
  })

  it('shows an unplugged node, wholly or from some', () => {
    const whole = reduce(running(), lines([10_000, fault('unplug', 'cp-3')]))
    expect(node(whole, 'cp-3')).toMatchObject({ unplugged: ['*'], power: 'on' })
    expect(node(whole, 'cp-3')?.faults).toContain('plug')
    const some = reduce(
      running(),
      lines([10_000, { ...fault('unplug', 'cp-3'), from: ['cp-1', 'lb-1'] } as Observation]),
    )
    expect(node(some, 'cp-3')?.unplugged).toEqual(['cp-1', 'lb-1'])
    expect(node(reduce(some, lines([11_000, fault('plug', 'cp-3')])), 'cp-3')?.unplugged).toEqual(
      [],
    )
  })

  it('believes a balancer about its own rotation', () => {
    const told = reduce(
      running(),
      lines([
        7000,
        { kind: 'balancer', balancer: 'lb-1', server: 'cp-1', up: false, connections: 3 },
      ]),
    )
    expect(told.balancers[0]?.servers.map(({ up }) => up)).toEqual([false, true, true])
  })

  it('starts over with the next epoch, and takes no line of the one before', () => {
    const [line] = lines([9000, { kind: 'lab', state: 'resetting' }])
    const reset = line ? reduceMap(running(), { ...line, epoch: 2 }) : running()
    expect(reset).toMatchObject({ epoch: 2, leases: [], lab: 'resetting' })
    expect(reduce(reset, lines([9500, lease('kube-scheduler', 'cp-1_a', 9500)]))).toBe(reset)
  })

  it('leaves out leases that nobody competes for', () => {
    const state = running()
    const sign = { ...lease('cp-1', 'cp-1', 7000), namespace: 'kube-node-lease' } as Observation
    expect(reduce(state, lines([7000, sign], [7000, lease('apiserver-x', 'a_b', 7000)]))).toBe(
      state,
    )
  })

  it('gives back the same object when nothing changed', () => {
    const state = running()
    expect(reduce(state, lines([7000, readyz('cp-1', true)], [7000, etcd('cp-1', 'cp-2')]))).toBe(
      state,
    )
  })

  it('takes any lines in any order', () => {
    const name = fc.constantFrom(...MEMBERS, 'lb-1', 'w-1', 'nowhere', '')
    const component = fc.constantFrom(...COMPONENTS, 'haproxy', 'pod/default/web/web', 'vim')
    const observation: fc.Arbitrary<Observation> = fc.oneof(
      fc
        .tuple(fc.constantFrom('start' as const, 'exit' as const), name, component, fc.nat(3))
        .map((all) => process(...all)),
      fc
        .tuple(component, fc.constantFrom('', 'cp-1_a', 'cp-2_b', 'odd'), fc.nat(9000))
        .map((all) => lease(...all)),
      fc.tuple(name, fc.option(name), fc.nat(5)).map((all) => etcd(...all)),
      fc.tuple(name, fc.boolean()).map((all) => readyz(...all)),
      fc
        .tuple(
          fc.constantFrom(...FAULTS),
          fc.oneof(
            name,
            fc.tuple(name, component).map((both) => both.join('/')),
          ),
          fc.constantFrom('begin' as const, 'end' as const),
        )
        .map((all) => fault(...all)),
      fc.record({
        kind: fc.constant('node' as const),
        name,
        ready: fc.constantFrom('True', 'odd'),
        taints: fc.constant([]),
        unschedulable: fc.boolean(),
        resourceVersion: fc.constant('1'),
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9000), observation), { maxLength: 60 }), (timed) => {
        const state = reduce(initialMap(NODES), lines(...timed))
        for (const each of MEMBERS) {
          for (const found of node(state, each)?.components ?? []) {
            if (!found.running) expect(found.leads).toBe(false)
          }
        }
        const leaders = MEMBERS.filter((each) => componentOf(state, each, 'kube-scheduler')?.leads)
        expect(leaders.length).toBeLessThanOrEqual(1)
        expect(state.quorum?.members).toBeGreaterThanOrEqual(3)
      }),
    )
  })
})
