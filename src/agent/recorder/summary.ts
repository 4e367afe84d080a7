/**
 * Sums up equal results: a change is told at once, what stays the same at most every few seconds.
 * Pure but for the clock that its caller passes.
 */
export interface Sum<T> {
  readonly value: T
  readonly count: number
  /** When the first of them was asked for. */
  readonly sinceMs: number
}

export interface Summary<T> {
  /** `key` says what counts as equal; `askedMs` when the result was asked for. */
  push(key: string, value: T, askedMs: number): Sum<T>[]
  /** What has not been told yet. */
  flush(): Sum<T>[]
}

export function summary<T>(maxMs: number): Summary<T> {
  let key: string | undefined
  let held: { value: T; count: number; sinceMs: number } | undefined
  const flush = (): Sum<T>[] => {
    const sums = held ? [held] : []
    held = undefined
    return sums
  }
  return {
    flush,
    push(nextKey, value, askedMs) {
      if (nextKey !== key) {
        const before = flush()
        key = nextKey
        return [...before, { value, count: 1, sinceMs: askedMs }]
      }
      held = held
        ? { value, count: held.count + 1, sinceMs: held.sinceMs }
        : { value, count: 1, sinceMs: askedMs }
      return askedMs - held.sinceMs >= maxMs ? flush() : []
    },
  }
}
