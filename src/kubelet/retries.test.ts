import { expect, test, vi } from 'vitest'
import { createRetries } from './retries.ts'

test('each key waits on its own, longer each time, and is forgotten on success', () => {
  vi.useFakeTimers()
  try {
    const wake = vi.fn()
    const stop = new AbortController()
    const retries = createRetries(wake, stop.signal)
    expect(retries.failed('a', new Error('x'))).toBe(1)
    expect(retries.isDue('a')).toBe(false)
    expect(retries.isDue('b')).toBe(true)
    vi.advanceTimersByTime(250)
    expect(wake).toHaveBeenCalledTimes(1)
    expect(retries.isDue('a')).toBe(true)
    expect(retries.failed('a', new Error('x'))).toBe(2)
    vi.advanceTimersByTime(300)
    expect(retries.isDue('a')).toBe(false)
    vi.advanceTimersByTime(200)
    expect(retries.isDue('a')).toBe(true)
    retries.succeeded('a')
    expect(retries.failed('a', new Error('x'))).toBe(1)
    stop.abort()
    vi.advanceTimersByTime(60_000)
    expect(wake).toHaveBeenCalledTimes(2)
  } finally {
    vi.useRealTimers()
  }
})
