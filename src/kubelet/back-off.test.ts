import { expect, test } from 'vitest'
import { afterRestart, restartAt } from './back-off.ts'
import type { BackOff } from './back-off.ts'

test('restarts at once, then after 10 s, 20 s … 5 min', () => {
  let backOff: BackOff | undefined
  let now = 0
  const waits: number[] = []
  for (let crash = 0; crash < 8; crash++) {
    const finishedAt = now + 1_000
    now = restartAt(backOff, finishedAt)
    waits.push((now - finishedAt) / 1_000)
    backOff = afterRestart(backOff, finishedAt, now)
  }
  expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300])
})

test('ten minutes of running are forgiven', () => {
  const backOff: BackOff = { waitMs: 300_000, restartedAt: 0 }
  expect(restartAt(backOff, 600_001)).toBe(600_001)
  expect(afterRestart(backOff, 600_001, 600_001)).toEqual({ waitMs: 10_000, restartedAt: 600_001 })
  expect(restartAt(backOff, 600_000)).toBe(900_000)
})
