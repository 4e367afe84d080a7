import { describe, expect, it } from 'vitest'
import { createEvidenceLog, stamp } from '../src/grading/evidence-log.fixture.ts'
import type { GraderContext, Interval, Observed, TaskCheck } from '../src/grading/index.ts'
import { grader } from './failover-timing.ts'

const MANAGER = 'kube-controller-manager'

function runningLab() {
  const log = createEvidenceLog()
  for (const component of [MANAGER, 'kube-scheduler']) {
    log.start(1000, `cp-1/${component}`, 10)
    log.start(1000, `cp-2/${component}`, 20)
    log.lease(3000, component, 'cp-1_a')
  }
  log.ready(8000)
  let deployment = web(2, 'observed')
  const sightings = new Map<string, Interval>()
  const says = async (task: string) => {
    const context = {
      history: log.history,
      spec: {},
      now: () => log.history.lastMs,
      query: { get: async () => deployment },
      signal: AbortSignal.timeout(1000),
      sightings,
    } as unknown as GraderContext
    const verdict = await checkOf(grader.tasks[task])(context)
    return `${verdict.status} ${verdict.code}`
  }
  return {
    ...log,
    says,
    answers: (next: Observed<unknown>) => (deployment = next),
    pod: (ms: number, uid: string) =>
      log.write(ms, {
        kind: 'pod',
        namespace: 'default',
        name: `web-6d-${uid}`,
        uid,
        node: null,
        phase: 'Pending',
        ready: false,
        deleting: false,
        owner: 'ReplicaSet/web-6d',
        created: stamp(Math.floor(ms / 1000) * 1000),
        restarts: 0,
        resourceVersion: '1',
      }),
  }
}

function checkOf(task: TaskCheck | undefined) {
  if (task === undefined) throw new Error('no such task')
  return typeof task === 'function' ? task : task.check
}

/** A Deployment of 2 that was scaled to `replicas`, and whether a controller has looked at that. */
function web(replicas: number, looked: 'observed' | 'waiting'): Observed<unknown> {
  const generation = replicas === 2 ? 1 : 2
  const status =
    looked === 'observed'
      ? { observedGeneration: generation, replicas }
      : { observedGeneration: 1, replicas: 2 }
  return { ok: true, value: { metadata: { generation }, spec: { replicas }, status } }
}

describe('work stops and resumes', () => {
  it('fails untouched, and cannot tell without the API', async () => {
    const lab = runningLab()
    expect(await lab.says('work-resumes')).toBe('fail not-scaled')
    lab.answers({ ok: false, reason: 'timeout' })
    expect(await lab.says('work-resumes')).toBe('error not-observed')
    lab.answers({ ok: false, status: 404, reason: 'not found' })
    expect(await lab.says('work-resumes')).toBe('fail deployment-missing')
  })

  it('passes Pods that come after the takeover of what was scaled in the gap', async () => {
    const lab = runningLab()
    lab.exit(10_300, `cp-1/${MANAGER}`, 10, { signal: 'SIGKILL' })
    expect(await lab.says('work-resumes')).toBe('fail not-scaled')
    lab.answers(web(5, 'waiting'))
    expect(await lab.says('work-resumes')).toBe('fail waiting-for-takeover')
    lab.lease(26_000, MANAGER, 'cp-2_b', { transitions: 1 })
    lab.answers(web(5, 'observed'))
    expect(await lab.says('work-resumes')).toBe('fail waiting-for-takeover')
    lab.pod(27_200, 'p1')
    expect(await lab.says('work-resumes')).toBe('pass ok')
  })

  it('does not pass what was scaled before the kill', async () => {
    const lab = runningLab()
    lab.answers(web(4, 'observed'))
    lab.pod(10_100, 'p1')
    expect(await lab.says('work-resumes')).toBe('fail scaled-while-acting')
    lab.exit(10_600, `cp-1/${MANAGER}`, 10, { signal: 'SIGKILL' })
    expect(await lab.says('work-resumes')).toBe('fail scaled-while-acting')
    lab.lease(26_000, MANAGER, 'cp-2_b', { transitions: 1 })
    expect(await lab.says('work-resumes')).toBe('fail scaled-while-acting')
  })

  it('does not pass what was scaled after the takeover', async () => {
    const lab = runningLab()
    lab.exit(10_300, `cp-1/${MANAGER}`, 10, { signal: 'SIGKILL' })
    await lab.says('work-resumes')
    lab.lease(26_000, MANAGER, 'cp-2_b', { transitions: 1 })
    lab.answers(web(5, 'waiting'))
    expect(await lab.says('work-resumes')).toBe('fail scaled-while-acting')
    lab.pod(28_100, 'p1')
    expect(await lab.says('work-resumes')).toBe('fail scaled-while-acting')
  })

  it('does not pass what brought no Pod, nor a scaling down', async () => {
    const lab = runningLab()
    lab.exit(10_300, `cp-1/${MANAGER}`, 10, { signal: 'SIGKILL' })
    lab.answers(web(1, 'waiting'))
    expect(await lab.says('work-resumes')).toBe('fail scaled-while-acting')
    lab.answers(web(5, 'waiting'))
    expect(await lab.says('work-resumes')).toBe('fail waiting-for-takeover')
    lab.lease(26_000, MANAGER, 'cp-2_b', { transitions: 1 })
    lab.renewal(60_000, MANAGER, 'cp-2_b', { acquiredMs: 26_000 })
    expect(await lab.says('work-resumes')).toBe('fail no-new-pods')
  })
})

describe('the seconds that a clean end saves', () => {
  function measured() {
    const lab = runningLab()
    lab.exit(10_000, 'cp-1/kube-scheduler', 10, { signal: 'SIGKILL' })
    lab.start(10_020, 'cp-1/kube-scheduler', 11)
    lab.lease(26_000, 'kube-scheduler', 'cp-2_b', { transitions: 1 })
    lab.renewal(28_000, 'kube-scheduler', 'cp-2_b', { acquiredMs: 26_000 })
    lab.lease(30_000, 'kube-scheduler', '', { transitions: 1 })
    lab.exit(30_100, 'cp-2/kube-scheduler', 20, { code: 0 })
    lab.lease(31_000, 'kube-scheduler', 'cp-1_c', { transitions: 2 })
    lab.renewal(33_000, 'kube-scheduler', 'cp-1_c', { acquiredMs: 31_000 })
    return lab
  }
  const answer = (lab: ReturnType<typeof runningLab>, ms: number, value: string) =>
    lab.write(ms, { kind: 'answer', task: 'saved-seconds', value })

  it.each([
    ['15', 'pass ok'],
    ['13,4 s', 'pass ok'],
    ['18', 'fail not-the-difference'],
    ['many', 'fail not-a-number'],
  ])('judges %s as %s', async (value, verdict) => {
    const lab = measured()
    expect(await lab.says('saved-seconds')).toBe('fail unanswered')
    answer(lab, 34_000, value)
    expect(await lab.says('saved-seconds')).toBe(verdict)
  })

  it('takes no answer from before the measurement', async () => {
    const lab = runningLab()
    answer(lab, 9000, '15')
    expect(await lab.says('saved-seconds')).toBe('fail not-measured-yet')
  })
})
