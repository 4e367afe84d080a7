import { expect, test } from 'vitest'
import type { KubePod } from '../kube/index.ts'
import { podStatus } from './pod-status.ts'
import type { ContainerView, PodView, Run } from './pod-status.ts'
import { podStatusDiffers } from './status-diff.ts'

const then = new Date('2026-11-21T08:00:00.700Z')
const now = new Date('2026-11-21T08:00:10Z')
const run = (more: Partial<Run> = {}): Run => ({
  id: 'abc',
  image: 'nginx',
  restart: 0,
  simulated: false,
  startedAt: then,
  exit: null,
  ...more,
})
const exit = (exitCode: number) => ({
  exitCode,
  reason: exitCode === 0 ? 'Completed' : 'Error',
  finishedAt: now,
})
const container = (more: Partial<ContainerView> = {}): ContainerView => ({
  spec: { name: 'main', image: 'nginx' },
  current: undefined,
  before: undefined,
  waiting: undefined,
  started: false,
  ready: false,
  ...more,
})
const running = container({ current: run(), started: true, ready: true })

function view(
  containers: ContainerView[],
  spec: object = {},
  more: Partial<PodView> = {},
): PodView {
  const pod = { metadata: { name: 'web' }, spec: { containers: [], ...spec } } as KubePod
  return {
    pod,
    hostIP: '172.30.0.21',
    podIP: '10.244.21.2',
    startedAt: then,
    containers,
    initContainers: [],
    ended: false,
    previous: [],
    now,
    ...more,
  }
}
const phaseOf = (...args: Parameters<typeof view>) => podStatus(view(...args)).phase
const conditionsOf = (status: ReturnType<typeof podStatus>) =>
  Object.fromEntries((status.conditions ?? []).map(({ type, status: holds }) => [type, holds]))

test('phases are the kubelet’s', () => {
  const ended = (code: number) => container({ current: run({ exit: exit(code) }) })
  expect(phaseOf([container()])).toBe('Pending')
  expect(phaseOf([running, container()])).toBe('Pending')
  expect(phaseOf([running])).toBe('Running')
  expect(phaseOf([ended(1)], { restartPolicy: 'Always' })).toBe('Running')
  expect(phaseOf([ended(1)], { restartPolicy: 'OnFailure' })).toBe('Running')
  expect(phaseOf([ended(0)], { restartPolicy: 'OnFailure' })).toBe('Succeeded')
  expect(phaseOf([ended(1)], { restartPolicy: 'Never' })).toBe('Failed')
  expect(phaseOf([ended(0), ended(1)], { restartPolicy: 'Never' })).toBe('Failed')
  expect(phaseOf([running, ended(1)], { restartPolicy: 'Never' })).toBe('Running')
  expect(phaseOf([ended(143)], {}, { ended: true })).toBe('Failed')
  expect(phaseOf([running], {}, { initContainers: [container()] })).toBe('Pending')
})

test('a ready Pod says so in every condition', () => {
  const status = podStatus(view([running]))
  expect(conditionsOf(status)).toEqual({
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  })
  expect(status.containerStatuses?.[0]).toMatchObject({
    containerID: 'halab://abc',
    restartCount: 0,
    state: { running: { startedAt: '2026-11-21T08:00:00Z' } },
  })
  expect(status.reason).toBeUndefined()
})

test('names what is not ready, and keeps the time of what did not change', () => {
  const before = podStatus(view([running])).conditions ?? []
  const later = new Date('2026-11-21T09:00:00Z')
  const unready = { ...running, ready: false }
  const status = podStatus(view([unready], {}, { previous: before, now: later }))
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  expect(ready).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [main]',
    lastTransitionTime: '2026-11-21T09:00:00Z',
  })
  const initialized = status.conditions?.find(({ type }) => type === 'Initialized')
  expect(initialized?.lastTransitionTime).toBe('2026-11-21T08:00:10Z')
})

test('a crashed container waits, with its end as the last state', () => {
  const crashed = run({ restart: 2, exit: { ...exit(137), signal: 9 } })
  const status = podStatus(
    view([
      container({
        current: crashed,
        before: { run: crashed, exit: { ...exit(137), signal: 9 } },
        waiting: { reason: 'CrashLoopBackOff' },
      }),
    ]),
  )
  expect(status.containerStatuses?.[0]).toMatchObject({
    restartCount: 2,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 137, signal: 9, reason: 'Error' } },
  })
})

test('a simulated container is marked, in its id and in words', () => {
  const status = podStatus(view([{ ...running, current: run({ simulated: true }) }]))
  expect(status).toMatchObject({ phase: 'Running', reason: 'Simulated' })
  expect(status.message).toContain('main (nginx)')
  expect(status.containerStatuses?.[0]?.containerID).toBe('simulated://abc')
})

test('a readiness gate keeps a Pod unready until somebody opens it', () => {
  const spec = { readinessGates: [{ conditionType: 'example.org/ready' }] }
  const closed = view([running], spec)
  expect(conditionsOf(podStatus(closed))).toMatchObject({ Ready: 'False', ContainersReady: 'True' })
  const conditions = [{ type: 'example.org/ready', status: 'True' }]
  const open = { ...closed, pod: { ...closed.pod, status: { conditions } } }
  expect(conditionsOf(podStatus(open))).toMatchObject({ Ready: 'True' })
})

test('a status is written again only when it says something else', () => {
  const status = podStatus(view([running]))
  const later = podStatus(view([running], {}, { now: new Date('2026-11-21T10:00:00Z') }))
  expect(podStatusDiffers(status, later)).toBe(false)
  expect(podStatusDiffers(undefined, status)).toBe(true)
  expect(podStatusDiffers(status, podStatus(view([{ ...running, ready: false }])))).toBe(true)
  const byNodeController = status.conditions?.map((condition) =>
    condition.type === 'Ready' ? { ...condition, status: 'False' } : condition,
  )
  expect(podStatusDiffers({ ...status, conditions: byNodeController }, status)).toBe(true)
})
