/** Waits before attempt `n` (from 0): at once, then 250 ms × 1.5 each up to 5 s, with full jitter. */
export function backOffMs(n: number, random: () => number = Math.random): number {
  if (n === 0) return 0
  return random() * Math.min(5_000, 250 * 1.5 ** (n - 1))
}

/** Resolves after `ms`, sooner when the network or the page comes back; rejects on abort. */
export async function waitOrWake(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const own = new AbortController()
    const done = () => {
      clearTimeout(timer)
      own.abort()
      resolve()
    }
    const timer = setTimeout(done, ms)
    window.addEventListener('online', done, { signal: own.signal })
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'visible') done()
      },
      { signal: own.signal },
    )
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        own.abort()
        reject(signal.reason as Error)
      },
      { signal: own.signal },
    )
  })
}
