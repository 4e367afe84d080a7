/** So many a minute for each key. */
import { HalabError } from '../errors.ts'

export interface RateLimit {
  /** Counts one; throws `too-many` beyond the limit. */
  count(key: string): void
  /** Throws `too-many` if the limit is reached, without counting. */
  check(key: string): void
}

const WINDOW_MS = 60_000

export function createRateLimit(perMinute: number, now: () => number = Date.now): RateLimit {
  let windowFrom = now()
  let counts = new Map<string, number>()
  /** All windows begin together, so old keys need no clearing of their own. */
  const current = (key: string) => {
    if (now() - windowFrom >= WINDOW_MS) {
      windowFrom = now()
      counts = new Map()
    }
    return counts.get(key) ?? 0
  }
  const check = (key: string) => {
    if (current(key) < perMinute) return
    throw new HalabError('too-many', `More than ${perMinute} a minute`, {
      hint: 'Wait a minute and try again.',
    })
  }
  return {
    check,
    count(key) {
      check(key)
      counts.set(key, current(key) + 1)
    },
  }
}
