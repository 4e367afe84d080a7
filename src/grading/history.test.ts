import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEvidenceLog, stamp } from './evidence-log.fixture.ts'
import { actingAt, holderAt, vacancies } from './leadership.ts'

const SCHEDULER = 'kube-scheduler'

function logWithLeader() {
  const log = createEvidenceLog()
  log.start(1000, 'cp-1/kube-scheduler', 10)
  log.start(1100, 'cp-2/kube-scheduler', 20)
  log.lease(3000, SCHEDULER, 'cp-1_a')
  log.ready(8000)
  return log
}

describe('leases', () => {
  it('tells who held it from when to when, and who saw it', () => {
    const log = logWithLeader()
    log.renewal(9000, SCHEDULER, 'cp-1_a', { acquiredMs: 3000 })
    log.lease(26_000, SCHEDULER, 'cp-2_b', { transitions: 1, seenMs: 26_400, seenFrom: 'cp-3' })
    expect(log.history.leases(SCHEDULER)).toMatchObject([
      {
        identity: 'cp-1_a',
        node: 'cp-1',
        acquiredMs: 3000,
        untilMs: 26_000,
        endedBy: 'replaced',
        firstRenewalMs: 9000,
      },
      { identity: 'cp-2_b', acquiredMs: 26_000, untilMs: null, seenFrom: 'cp-3', transitions: 1 },
    ])
    expect(holderAt(log.history, SCHEDULER, 25_999)?.identity).toBe('cp-1_a')
    expect(holderAt(log.history, SCHEDULER, 26_000)?.identity).toBe('cp-2_b')
  })

  it('leaves out the stale view of a server that lags behind', () => {
    const log = logWithLeader()
    log.lease(26_000, SCHEDULER, 'cp-2_b', { transitions: 1 })
    log.renewal(26_500, SCHEDULER, 'cp-1_a', {
      acquiredMs: 3000,
      renewedMs: 11_000,
      seenFrom: 'cp-3',
    })
    expect(log.history.leases(SCHEDULER).map(({ identity }) => identity)).toEqual([
      'cp-1_a',
      'cp-2_b',
    ])
  })

  it('knows a release from a takeover, and a deletion from both', () => {
    const log = logWithLeader()
    log.lease(12_000, SCHEDULER, '')
    log.lease(13_000, SCHEDULER, 'cp-2_b', { transitions: 1 })
    log.lease(13_000, SCHEDULER, 'cp-2_b', { seenMs: 20_000, deleted: true, transitions: 1 })
    log.lease(13_000, SCHEDULER, 'cp-2_b', { seenMs: 20_100, seenFrom: 'cp-2', transitions: 1 })
    log.lease(21_000, SCHEDULER, 'cp-1_a', { uid: 'uid-2' })
    expect(log.history.leases(SCHEDULER).map(({ endedBy }) => endedBy)).toEqual([
      'released',
      'deleted',
      null,
    ])
  })

  it('never has two holders at once, whatever order the servers tell it in', () => {
    const line = fc.record({
      holder: fc.constantFrom('cp-1_a', 'cp-2_b', 'cp-3_c', ''),
      acquired: fc.integer({ min: 0, max: 5000 }),
      renewed: fc.integer({ min: 0, max: 9000 }),
      seenFrom: fc.constantFrom('cp-1', 'cp-2', 'cp-3'),
      uid: fc.constantFrom('uid-1', 'uid-2'),
    })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const log = createEvidenceLog()
        log.ready(0)
        lines.forEach(({ holder, acquired, renewed, ...more }, i) => {
          log.lease(acquired, SCHEDULER, holder, {
            seenMs: 10_000 + i,
            renewedMs: renewed,
            ...more,
          })
        })
        const holdings = log.history.leases(SCHEDULER, { since: 'boot' })
        expect(holdings.filter(({ untilMs }) => untilMs === null).length).toBeLessThanOrEqual(1)
        for (const each of holdings)
          expect(each.untilMs ?? Infinity).toBeGreaterThanOrEqual(each.acquiredMs)
      }),
    )
  })
})

describe('leadership', () => {
  it('ends with the process, not with the lease', () => {
    const log = logWithLeader()
    log.exit(10_000, 'cp-1/kube-scheduler', 10, { signal: 'SIGKILL', by: 'learner' })
    log.start(10_050, 'cp-1/kube-scheduler', 11)
    expect(actingAt(log.history, SCHEDULER, 9999)?.holding.identity).toBe('cp-1_a')
    expect(actingAt(log.history, SCHEDULER, 10_001)).toBeNull()
    expect(vacancies(log.history, SCHEDULER)).toMatchObject([
      { from: 10_000, to: Infinity, next: null },
    ])
    log.lease(26_000, SCHEDULER, 'cp-1_c', { transitions: 1 })
    expect(vacancies(log.history, SCHEDULER)).toMatchObject([
      {
        from: 10_000,
        to: 26_000,
        before: { run: { signal: 'SIGKILL' } },
        next: { run: { pid: 11 } },
      },
    ])
  })

  it('ends with the release when that comes before the exit', () => {
    const log = logWithLeader()
    log.lease(12_000, SCHEDULER, '')
    log.exit(12_100, 'cp-1/kube-scheduler', 10, { code: 0 })
    log.lease(12_900, SCHEDULER, 'cp-2_b', { transitions: 1 })
    expect(vacancies(log.history, SCHEDULER)).toMatchObject([{ from: 12_000, to: 12_900 }])
  })
})

describe('what counts', () => {
  it('leaves out what ended before the lab was ready, unless asked', () => {
    const log = createEvidenceLog()
    log.start(1000, 'cp-1/etcd', 5)
    log.exit(2000, 'cp-1/etcd', 5, { signal: 'SIGTERM', by: 'setup' })
    log.write(2000, {
      kind: 'fault',
      fault: 'term',
      target: 'cp-1/etcd',
      phase: 'begin',
      by: 'setup',
    })
    expect(log.history.processes()).toEqual([])
    log.ready(5000)
    expect(log.history.processes()).toEqual([])
    expect(log.history.faults()).toEqual([])
    expect(log.history.processes({ since: 'boot' })).toHaveLength(1)
    expect(log.history.faults('boot')).toHaveLength(1)
  })

  it('forgets the epoch before a reset, and lines that come late from it', () => {
    const log = logWithLeader()
    const old = log.lines[2]
    log.reset(30_000)
    expect(log.history.readyMs).toBeNull()
    expect(log.history.leases(SCHEDULER, { since: 'boot' })).toEqual([])
    if (old) log.history.append(old)
    expect(log.history.leases(SCHEDULER, { since: 'boot' })).toEqual([])
  })

  it('stays ready from the first time on when a lab is paused and resumed', () => {
    const log = logWithLeader()
    log.write(9000, { kind: 'lab', state: 'paused' })
    log.ready(20_000)
    expect(log.history.readyMs).toBe(8000)
  })

  it('was blind to leases only while no API server told them', () => {
    const log = logWithLeader()
    for (const target of ['cp-1', 'cp-2']) {
      log.write(9000, {
        kind: 'api',
        target,
        op: 'readyz',
        ok: true,
        tookMs: 1,
        count: 1,
        sinceMs: 9000,
      })
    }
    log.write(10_000, { kind: 'gap', source: 'leases/cp-1', from: 10_000, to: null })
    expect(log.history.gaps('leases')).toEqual([])
    expect(log.history.gaps('leases/cp-1')).toEqual([{ from: 10_000, to: Infinity }])
    log.write(12_000, { kind: 'gap', source: 'leases/cp-2', from: 11_000, to: 12_000 })
    expect(log.history.gaps('leases')).toEqual([{ from: 11_000, to: 12_000 }])
    log.write(20_000, { kind: 'gap', source: 'pause', from: 15_000, to: 20_000 })
    expect(log.history.gaps('pods')).toEqual([{ from: 15_000, to: 20_000 }])
  })

  it('joins equal probes to stretches and counts them', () => {
    const log = logWithLeader()
    const probe = { kind: 'api', target: 'lb', op: 'write', tookMs: 3 } as const
    log.write(10_000, { ...probe, ok: true, count: 20, sinceMs: 5000 })
    log.write(15_000, { ...probe, ok: true, count: 20, sinceMs: 10_250 })
    log.write(16_000, { ...probe, ok: false, reason: 'timeout', count: 1, sinceMs: 15_250 })
    expect(log.history.api('lb', 'write')).toMatchObject([
      { ok: true, count: 40, from: 5000, to: 15_000 },
      { ok: false, reason: 'timeout', count: 1 },
    ])
  })

  it('follows a Pod from creation to deletion', () => {
    const log = logWithLeader()
    const pod = {
      kind: 'pod',
      namespace: 'default',
      name: 'web-1',
      uid: 'p1',
      phase: 'Pending',
      ready: false,
      deleting: false,
      created: stamp(9000),
      restarts: 0,
      owner: 'ReplicaSet/web-6d',
      resourceVersion: '1',
    } as const
    log.write(9100, { ...pod, node: null })
    log.write(9300, { ...pod, node: 'w-1' })
    log.write(9900, { ...pod, node: 'w-1', phase: 'Running', ready: true })
    log.write(11_000, { ...pod, node: 'w-1', phase: 'Running', ready: true, deleted: true })
    expect(log.history.pods({ owner: 'ReplicaSet/web-' })).toMatchObject([
      { firstSeenMs: 9100, scheduledMs: 9300, firstReadyMs: 9900, deletedMs: 11_000, ready: false },
    ])
    expect(log.history.pods({ owner: 'ReplicaSet/api-' })).toEqual([])
  })
})

it('answers without a scan over 100,000 lines', () => {
  const log = createEvidenceLog()
  log.lease(100, SCHEDULER, 'cp-1_a')
  log.ready(200)
  for (let ms = 300; ms < 100_300; ms += 1) {
    if (ms % 2 === 0) log.renewal(ms, SCHEDULER, 'cp-1_a', { acquiredMs: 100 })
    else
      log.write(ms, {
        kind: 'api',
        target: 'lb',
        op: 'write',
        ok: true,
        tookMs: 1,
        count: 1,
        sinceMs: ms,
      })
  }
  const began = performance.now()
  for (let i = 0; i < 1000; i += 1) {
    log.history.leases(SCHEDULER)
    log.history.api('lb', 'write')
  }
  // A scan would take about a second; what the indexes take is far below a tenth.
  expect(performance.now() - began).toBeLessThan(200)
})
