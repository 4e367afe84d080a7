/** A token bucket that may go into debt: what was taken too much is waited for afterwards. */
import type { Clock } from './clock.ts'

export interface Bucket {
  take(amount: number): void
  /** Milliseconds until it is out of debt; 0 when it is. */
  waitMs(): number
}

/** Holds one second's worth. */
export function createBucket(perSecond: number, clock: Clock): Bucket {
  let tokens = perSecond
  let at = clock.now()
  const refill = () => {
    const now = clock.now()
    tokens = Math.min(perSecond, tokens + ((now - at) / 1000) * perSecond)
    at = now
  }
  return {
    take(amount) {
      refill()
      tokens -= amount
    },
    waitMs() {
      refill()
      return tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000)
    },
  }
}
