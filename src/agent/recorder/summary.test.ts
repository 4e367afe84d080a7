import fc from 'fast-check'
import { expect, test } from 'vitest'
import { summary } from './summary.ts'

const MAX_MS = 5000

test('a change is told at once, what stays the same in sums', () => {
  const sums = summary<string>(MAX_MS)
  expect(sums.push('ok', 'a', 0)).toEqual([{ value: 'a', count: 1, sinceMs: 0 }])
  expect(sums.push('ok', 'b', 250)).toEqual([])
  expect(sums.push('ok', 'c', 500)).toEqual([])
  expect(sums.push('failed', 'd', 750)).toEqual([
    { value: 'c', count: 2, sinceMs: 250 },
    { value: 'd', count: 1, sinceMs: 750 },
  ])
})

test('every result is counted once, in order, and none waits longer than the limit', () => {
  const results = fc.array(fc.record({ key: fc.constantFrom('ok', 'failed'), gapMs: fc.nat(2000) }))
  fc.assert(
    fc.property(results, (pushed) => {
      const sums = summary<number>(MAX_MS)
      let now = 0
      const told = pushed.flatMap(({ key, gapMs }, i) => {
        now += gapMs
        return sums.push(key, i, now).map((sum) => ({ ...sum, toldMs: now }))
      })
      const all = [...told, ...sums.flush()]
      expect(all.reduce((count, sum) => count + sum.count, 0)).toBe(pushed.length)
      expect(all.map(({ value }) => value)).toEqual(
        [...all.map(({ value }) => value)].sort((a, b) => a - b),
      )
      // A sum is looked at when the next result comes, at most a gap after its time is up.
      for (const { sinceMs, toldMs } of told) expect(toldMs - sinceMs).toBeLessThan(MAX_MS + 2000)
    }),
  )
})
