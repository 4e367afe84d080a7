import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advance, initialState, probeTiming } from './probe-state.ts'
import type { ProbeOutcome } from './probe-state.ts'

test('defaults are those of Kubernetes', () => {
  expect(probeTiming({})).toEqual({
    initialDelayMs: 0,
    periodMs: 10_000,
    timeoutMs: 1_000,
    successThreshold: 1,
    failureThreshold: 3,
  })
})

test('a result changes only after as many equal outcomes in a row as its threshold', () => {
  const timing = { ...probeTiming({}), successThreshold: 2, failureThreshold: 3 }
  const outcome = fc.constantFrom<ProbeOutcome>('success', 'failure')
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 40 }), (outcomes) => {
      let state = initialState('readiness')
      let expected: ProbeOutcome = 'failure'
      outcomes.forEach((each, index) => {
        state = advance(state, each, timing)
        const needed = each === 'success' ? 2 : 3
        const run = outcomes.slice(Math.max(0, index - needed + 1), index + 1)
        if (run.length === needed && run.every((one) => one === each)) expected = each
        expect(state.result).toBe(expected)
      })
    }),
  )
})
