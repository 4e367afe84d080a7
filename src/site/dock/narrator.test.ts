import { expect, test } from 'vitest'
import type { Evidence, LeaseObservation, Observation } from '../../wire/evidence.ts'
import { Narrator } from './narrator.ts'

const at = (ms: number, observation: Observation): Evidence => ({
  n: 1,
  at: '2026-11-21T08:00:00Z',
  ms,
  epoch: 1,
  ...observation,
})

const lease = (holder: string): LeaseObservation => ({
  kind: 'lease',
  namespace: 'kube-system',
  name: 'kube-scheduler',
  holder,
  acquired: null,
  renewed: null,
  duration: 15,
  transitions: 1,
  seenFrom: 'cp-2',
  uid: 'u',
})

test('a takeover says how long after the fault it came', () => {
  const narrator = new Narrator()
  expect(narrator.tell(at(1_000, lease('cp-1_a')))).toBeNull()
  const fault = { kind: 'fault', fault: 'kill', phase: 'begin', by: 'learner' } as const
  expect(narrator.tell(at(2_000, { ...fault, target: 'cp-1/kube-scheduler' }))).toBe(
    'kube-scheduler on cp-1 was killed',
  )
  expect(narrator.tell(at(18_400, lease('cp-2_b')))).toBe(
    'cp-2 now holds kube-scheduler, 16.4 s after kube-scheduler on cp-1 was killed',
  )
})

test('a renewed hold is no news, a released lease is', () => {
  const narrator = new Narrator()
  narrator.tell(at(0, lease('cp-1_a')))
  expect(narrator.tell(at(1, lease('cp-1_a')))).toBeNull()
  expect(narrator.tell(at(2, lease('')))).toBe(
    'The lease kube-scheduler was released: nobody holds it',
  )
})

test('a repair does not become what later events are measured from', () => {
  const narrator = new Narrator()
  narrator.tell(at(0, lease('cp-1_a')))
  narrator.tell(
    at(1, { kind: 'fault', fault: 'power-on', target: 'cp-1', phase: 'begin', by: 'learner' }),
  )
  expect(narrator.tell(at(2, lease('cp-2_a')))).toBe('cp-2 now holds kube-scheduler')
})
