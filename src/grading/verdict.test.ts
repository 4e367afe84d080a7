import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Verdict, and, error, fail, not, or, pass } from './verdict.ts'

const verdict = fc.constantFrom<Verdict>(
  pass('seen', [1]),
  fail('missing', 'not seen'),
  error('blind', '?'),
)
const words = { pass: 'p', code: 'c', fail: 'f' }
const rank = { fail: 0, error: 1, pass: 2 } as const

describe('Kleene logic of verdicts', () => {
  it('takes the least of a conjunction and the greatest of a disjunction', () => {
    fc.assert(
      fc.property(fc.array(verdict, { minLength: 1 }), (all) => {
        const ranks = all.map(({ status }) => rank[status])
        expect(rank[and(...all).status]).toBe(Math.min(...ranks))
        expect(rank[or(...all).status]).toBe(Math.max(...ranks))
      }),
    )
  })

  it('never turns an error into a pass or a fail by itself', () => {
    expect(not(error('blind', '?'), words).status).toBe('error')
    expect(and(pass('a'), error('blind', '?')).status).toBe('error')
    expect(or(fail('a', 'b'), error('blind', '?')).status).toBe('error')
  })

  it('swaps pass and fail twice to where it was', () => {
    fc.assert(
      fc.property(verdict, (one) => {
        expect(not(not(one, words), words).status).toBe(one.status)
      }),
    )
  })

  it('joins the evidence of what passed, each line once', () => {
    expect(and(pass('a', [3, 1]), pass('b', [1, 2])).evidence).toEqual([1, 2, 3])
  })
})
