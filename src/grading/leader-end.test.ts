import { describe, expect, it } from 'vitest'
import { createEvidenceLog, stamp } from './evidence-log.fixture.ts'
import type { GraderContext } from './grader.ts'
import { type LeaderEnd, leaderEnded } from './leader-end.ts'

const SCHEDULER = 'kube-scheduler'

/** cp-1 leads, cp-2 and cp-3 wait; ready at 8 s. */
function runningLab() {
  const log = createEvidenceLog()
  log.start(1000, 'cp-1/kube-scheduler', 10)
  log.start(1100, 'cp-2/kube-scheduler', 20)
  log.start(1200, 'cp-3/kube-scheduler', 30)
  log.lease(3000, SCHEDULER, 'cp-1_a')
  log.ready(8000)
  const says = (wanted: LeaderEnd, now = log.history.lastMs) => {
    const { status, code, message } = leaderEnded(
      { history: log.history, spec: {}, now: () => now } as unknown as GraderContext,
      SCHEDULER,
      wanted,
    )
    return { status, code, message }
  }
  const takeOver = (acquired: number, holder: string, transitions = 1) => {
    log.lease(acquired, SCHEDULER, holder, { transitions })
    log.renewal(acquired + 2000, SCHEDULER, holder, { acquiredMs: acquired, transitions })
  }
  return { ...log, says, takeOver }
}

describe('the end of an acting leader', () => {
  it('fails an untouched lab', () => {
    expect(runningLab().says('any')).toMatchObject({ status: 'fail', code: 'leader-not-ended' })
  })

  it('passes a SIGKILL with the seconds until another identity acquired the lease', () => {
    const lab = runningLab()
    lab.exit(10_000, 'cp-1/kube-scheduler', 10, { signal: 'SIGKILL', by: 'learner' })
    expect(lab.says('kill')).toMatchObject({ code: 'no-takeover-yet' })
    lab.lease(25_500, SCHEDULER, 'cp-3_c', { transitions: 1 })
    expect(lab.says('kill')).toMatchObject({ code: 'no-takeover-yet' })
    lab.takeOver(25_500, 'cp-3_c')
    expect(lab.says('kill')).toMatchObject({ status: 'pass' })
    expect(lab.says('kill').message).toContain('15.5 s later cp-3_c')
    expect(lab.says('release')).toMatchObject({ code: 'ended-by-kill' })
    expect(lab.says('any').status).toBe('pass')
  })

  it('takes the restarted process of the same node as another identity', () => {
    const lab = runningLab()
    lab.exit(10_000, 'cp-1/kube-scheduler', 10, { signal: 'SIGKILL' })
    lab.start(10_020, 'cp-1/kube-scheduler', 11)
    lab.takeOver(26_000, 'cp-1_b')
    expect(lab.says('kill')).toMatchObject({ status: 'pass' })
    expect(lab.says('kill').message).toContain('restarted process of the same node')
  })

  it('passes a clean end with the seconds from the release', () => {
    const lab = runningLab()
    lab.lease(10_000, SCHEDULER, '')
    lab.exit(10_080, 'cp-1/kube-scheduler', 10, { code: 0, by: 'learner' })
    lab.takeOver(11_300, 'cp-2_b')
    expect(lab.says('release')).toMatchObject({ status: 'pass' })
    expect(lab.says('release').message).toContain('1.3 s later cp-2_b')
    expect(lab.says('kill')).toMatchObject({ code: 'ended-by-term' })
  })

  it('is not fooled by a name written into the lease', () => {
    const lab = runningLab()
    lab.exit(10_000, 'cp-1/kube-scheduler', 10, { signal: 'SIGKILL' })
    lab.takeOver(11_000, 'cp-9_made-up')
    expect(lab.says('kill')).toMatchObject({ code: 'no-takeover-yet' })
    lab.takeOver(27_000, 'cp-2_b', 2)
    expect(lab.says('kill').message).toContain('17.0 s later cp-2_b')
  })

  it('knows a deleted lease, and the two leaders that it can lead to', () => {
    const lab = runningLab()
    lab.lease(3000, SCHEDULER, 'cp-1_a', { seenMs: 10_000, deleted: true })
    expect(lab.says('any')).toMatchObject({ code: 'lease-deleted' })
    lab.lease(11_000, SCHEDULER, 'cp-2_b', { uid: 'uid-2' })
    lab.renewal(13_000, SCHEDULER, 'cp-2_b', { acquiredMs: 11_000 })
    lab.exit(20_000, 'cp-1/kube-scheduler', 10, { code: 1 })
    expect(lab.says('any')).toMatchObject({ status: 'fail', code: 'lease-deleted' })
    expect(lab.says('kill')).toMatchObject({ code: 'lease-deleted' })
  })

  it('knows a standby, a machine and a mirror Pod from the leader', () => {
    const lab = runningLab()
    lab.write(9000, {
      kind: 'pod',
      namespace: 'kube-system',
      name: 'kube-scheduler-cp-1',
      uid: 'm',
      node: 'cp-1',
      phase: 'Running',
      ready: true,
      deleting: false,
      deleted: true,
      created: stamp(2000),
      restarts: 0,
      resourceVersion: '1',
    })
    expect(lab.says('any')).toMatchObject({ code: 'mirror-pod-deleted' })
    lab.exit(10_000, 'cp-2/kube-scheduler', 20, { signal: 'SIGKILL' })
    expect(lab.says('any')).toMatchObject({ code: 'standby-ended' })
    lab.write(12_000, {
      kind: 'fault',
      fault: 'power-off',
      target: 'cp-1',
      phase: 'begin',
      by: 'learner',
    })
    lab.exit(12_100, 'cp-1/kube-scheduler', 10, { signal: 'SIGKILL', by: 'power' })
    lab.takeOver(28_000, 'cp-3_c')
    expect(lab.says('any')).toMatchObject({ status: 'fail', code: 'machine-lost' })
  })

  it('does not count what set-up did before the lab was ready', () => {
    const log = createEvidenceLog()
    log.start(1000, 'cp-1/kube-scheduler', 10)
    log.start(1000, 'cp-2/kube-scheduler', 20)
    log.lease(3000, SCHEDULER, 'cp-1_a')
    log.lease(5000, SCHEDULER, '')
    log.exit(5100, 'cp-1/kube-scheduler', 10, { code: 0, by: 'setup' })
    log.lease(6000, SCHEDULER, 'cp-2_b', { transitions: 1 })
    log.ready(8000)
    const context = { history: log.history, spec: {}, now: () => 9000 } as unknown as GraderContext
    expect(leaderEnded(context, SCHEDULER, 'any')).toMatchObject({ code: 'leader-not-ended' })
  })

  it('does not count a leader that gave up because its lab had been paused', () => {
    const lab = runningLab()
    lab.write(10_000, { kind: 'gap', source: 'pause', from: 10_000, to: null })
    lab.write(60_000, { kind: 'gap', source: 'pause', from: 10_000, to: 60_000 })
    lab.exit(60_400, 'cp-1/kube-scheduler', 10, { code: 1 })
    lab.start(60_450, 'cp-1/kube-scheduler', 11)
    lab.takeOver(62_000, 'cp-2_b')
    expect(lab.says('any')).toMatchObject({ status: 'fail', code: 'leader-not-ended' })
  })

  it('says that it could not see while no API server tells the leases', () => {
    const lab = runningLab()
    lab.exit(10_000, 'cp-1/kube-scheduler', 10, { signal: 'SIGKILL' })
    lab.write(11_000, { kind: 'gap', source: 'recorder', from: 10_500, to: null })
    expect(lab.says('kill')).toMatchObject({ status: 'error', code: 'not-observed' })
    lab.write(15_000, { kind: 'gap', source: 'recorder', from: 10_500, to: 15_000 })
    expect(lab.says('kill', 16_000)).toMatchObject({ code: 'no-takeover-yet' })
  })
})
