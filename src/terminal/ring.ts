/** The last bytes of an output of unknown length, addressed by their offset since its beginning. */
export interface Ring {
  /** Offset of the oldest byte that is still there. */
  readonly start: number
  /** Offset after the newest byte: how many were ever pushed. */
  readonly end: number
  push(bytes: Uint8Array): void
  /** Copies `[from, to)` into `target` at `at`; the range must lie within `[start, end]`. */
  copy(from: number, to: number, target: Uint8Array, at: number): void
}

export function createRing(capacityBytes: number): Ring {
  // Grows by doubling: most terminals never put out a mebibyte.
  let store = new Uint8Array(Math.min(capacityBytes, 16 * 1024))
  let end = 0

  const grow = (needed: number) => {
    let size = store.length
    while (size < needed && size < capacityBytes) size = Math.min(size * 2, capacityBytes)
    if (size === store.length) return
    // Only ever grows before the first wrap, so everything lies in order from 0.
    const larger = new Uint8Array(size)
    larger.set(store.subarray(0, end))
    store = larger
  }

  return {
    get start() {
      return Math.max(0, end - store.length)
    },
    get end() {
      return end
    },
    push(bytes) {
      if (end <= store.length) grow(end + bytes.length)
      const kept = bytes.length > store.length ? bytes.subarray(-store.length) : bytes
      const at = (end + bytes.length - kept.length) % store.length
      const head = kept.subarray(0, store.length - at)
      store.set(head, at)
      store.set(kept.subarray(head.length), 0)
      end += bytes.length
    },
    copy(from, to, target, at) {
      if (from < Math.max(0, end - store.length) || to > end || from > to)
        throw new RangeError(`[${from}, ${to}) is not in the ring`)
      const first = from % store.length
      const head = Math.min(to - from, store.length - first)
      target.set(store.subarray(first, first + head), at)
      target.set(store.subarray(0, to - from - head), at + head)
    },
  }
}
