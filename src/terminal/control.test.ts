import { expect, test, vi } from 'vitest'
import { createControl, type ControlOptions } from './control.ts'
import { createFakeClock } from './fakes.ts'
import { TERMINAL_LIMITS } from './limits.ts'

const learner = { id: 'l', role: 'learner' } as const
const instructor = { id: 'i', role: 'instructor' } as const
const viewer = { id: 'v', role: 'viewer' } as const

function classroom(instructors: ControlOptions['instructors'] = 'must-ask') {
  const clock = createFakeClock()
  const changed = vi.fn()
  const control = createControl({ clock, instructors, changed })
  control.join(learner, 'control')
  control.join(instructor, 'view')
  control.join(viewer, 'control')
  return { control, clock, changed }
}

test('asked and granted, used, and given back after a minute without a key', () => {
  const { control, clock } = classroom()
  expect(control.controller).toBe(learner)
  expect(control.request('i')).toBe(learner)
  control.grant('l')
  expect(control.controller).toBe(instructor)
  clock.advance(TERMINAL_LIMITS.leaseIdleMs - 1)
  control.used()
  clock.advance(TERMINAL_LIMITS.leaseIdleMs - 1)
  expect(control.controller).toBe(instructor)
  clock.advance(1)
  expect(control.controller).toBe(learner)
})

test('asked and denied', () => {
  const { control, changed } = classroom()
  changed.mockClear()
  control.request('i')
  expect(control.deny('l')).toBe(instructor)
  control.grant('l')
  expect(control.controller).toBe(learner)
  expect(changed).not.toHaveBeenCalled()
})

test('the owner takes back at any time; an instructor takes only where it is allowed', () => {
  const { control } = classroom()
  expect(() => control.take('i')).toThrow(/ask for control/)
  const open = classroom('may-take').control
  open.take('i')
  expect(open.controller).toBe(instructor)
  open.take('l')
  expect(open.controller).toBe(learner)
})

test('what was lent returns on release and on disconnect', () => {
  const { control } = classroom('may-take')
  control.take('i')
  control.release('i')
  expect(control.controller).toBe(learner)
  control.take('i')
  control.leave('i')
  expect(control.controller).toBe(learner)
})

test('viewers can neither take nor ask, nor answer for others', () => {
  const { control } = classroom()
  expect(() => control.take('v')).toThrow()
  expect(() => control.request('v')).toThrow(/only watch/)
  control.request('i')
  expect(() => control.grant('v')).toThrow(/who types now/)
  expect(() => control.release('i')).toThrow()
})

test('with the learner gone nobody types', () => {
  const { control } = classroom()
  control.leave('l')
  expect(control.controller).toBeNull()
  expect(() => control.request('i')).toThrow(/Nobody is here/)
})
