import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Interval } from './interval.ts'
import {
  type Bounds,
  type Finding,
  type Moment,
  after,
  downtime,
  during,
  holdsFor,
  isAtMost,
  judge,
  longestGap,
  sequence,
  successRatio,
  within,
} from './temporal.ts'
import { clip, complement, union } from './interval.ts'
import { fail, pass } from './verdict.ts'

const window: Interval = { from: 100, to: 1000 }
const interval = fc
  .tuple(fc.integer({ min: 0, max: 1100 }), fc.integer({ min: 1, max: 400 }))
  .map(([from, length]) => ({ from, to: from + length }))
const intervals = fc.array(interval, { maxLength: 6 })
const moments = fc
  .array(fc.integer({ min: 0, max: 1100 }), { maxLength: 8 })
  .map((all) => all.sort((a, b) => a - b).map((ms) => ({ ms })))

/** What a recorder with these gaps would have seen. */
function hideMoments(all: readonly Moment[], gaps: readonly Interval[]): Moment[] {
  return all.filter(({ ms }) => !gaps.some((gap) => ms >= gap.from && ms <= gap.to))
}
function hideIntervals(all: readonly Interval[], gaps: readonly Interval[]): Interval[] {
  return union(all).flatMap((each) => complement(gaps, each))
}

/** With gaps the answer is the true one, or `unknown`: never the other one. */
function expectSound(truth: Finding<unknown>, seen: Finding<unknown>): void {
  expect(truth.seen).not.toBe('unknown')
  if (seen.seen !== 'unknown') expect(seen.seen).toBe(truth.seen)
}
function expectWithin(truth: Bounds, seen: Bounds): void {
  expect(truth.atLeast).toBe(truth.atMost)
  expect(seen.atLeast).toBeLessThanOrEqual(truth.atLeast + 1e-9)
  expect(seen.atMost).toBeGreaterThanOrEqual(truth.atMost - 1e-9)
}

describe('temporal predicates with gaps never say what was not seen', () => {
  it('within and after', () => {
    fc.assert(
      fc.property(moments, intervals, (all, gaps) => {
        const seen = hideMoments(all, gaps)
        expectSound(within(all, window, []), within(seen, window, gaps))
        expectSound(after(all, 300, 1000, []), after(seen, 300, 1000, gaps))
      }),
    )
  })

  it('sequence', () => {
    fc.assert(
      fc.property(fc.array(moments, { minLength: 1, maxLength: 3 }), intervals, (steps, gaps) => {
        const seen = steps.map((each) => hideMoments(each, gaps))
        expectSound(sequence(steps, window, []), sequence(seen, window, gaps))
      }),
    )
  })

  it('during and holdsFor', () => {
    fc.assert(
      fc.property(intervals, intervals, fc.integer({ min: 1, max: 500 }), (all, gaps, forMs) => {
        const seen = hideIntervals(all, gaps)
        expectSound(during(all, window, []), during(seen, window, gaps))
        expectSound(holdsFor(all, forMs, window, []), holdsFor(seen, forMs, window, gaps))
      }),
    )
  })

  it('downtime and the longest gap keep the true number between their bounds', () => {
    fc.assert(
      fc.property(intervals, intervals, (all, gaps) => {
        const seen = hideIntervals(all, gaps)
        expectWithin(downtime(all, window, []), downtime(seen, window, gaps))
        expectWithin(longestGap(all, window, []), longestGap(seen, window, gaps))
      }),
    )
  })
})

describe('temporal predicates without gaps', () => {
  it('finds the first moment in the window', () => {
    expect(within([{ ms: 50 }, { ms: 200 }, { ms: 300 }], window, [])).toEqual({
      seen: 'yes',
      value: { ms: 200 },
    })
    expect(within([{ ms: 50 }], window, []).seen).toBe('no')
  })

  it('measures downtime and the longest gap', () => {
    const up = [
      { from: 0, to: 400 },
      { from: 500, to: 700 },
    ]
    expect(downtime(up, window, [])).toEqual({ atLeast: 400, atMost: 400 })
    expect(longestGap(up, window, [])).toEqual({ atLeast: 300, atMost: 300 })
    expect(isAtMost(longestGap(up, window, []), 300, window).seen).toBe('yes')
    expect(isAtMost(longestGap(up, window, []), 299, window).seen).toBe('no')
  })

  it('counts probes, not lines', () => {
    const samples = [
      { ok: true, count: 98, from: 100, to: 500 },
      { ok: false, count: 2, from: 510, to: 600 },
    ]
    expect(successRatio(samples, window, [])).toEqual({ atLeast: 0.98, atMost: 0.98 })
    expect(successRatio([], window, [])).toEqual({ atLeast: 0, atMost: 1 })
  })

  it('turns what could not be observed into an error by itself', () => {
    const verdict = judge(within([], window, [{ from: 500, to: Infinity }]), {
      yes: () => pass('yes'),
      no: () => fail('no', 'no'),
    })
    expect(verdict).toMatchObject({ status: 'error', code: 'not-observed' })
  })

  it('clips to the window', () => {
    expect(clip([{ from: 0, to: 150 }], window)).toEqual([{ from: 100, to: 150 }])
  })
})
