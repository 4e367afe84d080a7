/** Time as a value, so that tests can hold it still. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number
  /** Runs once after `ms`; the returned function calls it off. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
