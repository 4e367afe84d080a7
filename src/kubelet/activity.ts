import type { Node } from '../engines/types.ts'

/**
 * Whether a node's kubelet may act. A frozen node decides nothing: its kubelet would be frozen too,
 * and what a probe found meanwhile must not count.
 */
export interface Activity {
  readonly active: boolean
  /** Changes with every interruption: a result begun under another number is void. */
  readonly epoch: number
  /** Resolves when acting is allowed (at once when it is), or when `signal` aborts. */
  whenActive(signal: AbortSignal): Promise<void>
  onResume(listener: () => void): void
}

export function nodeActivity(node: Pick<Node, 'power' | 'onPower'>): Activity {
  let epoch = 0
  let wasActive = node.power === 'on'
  const listeners = new Set<() => void>()
  const isActive = () => node.power === 'on'

  function changed(): void {
    if (isActive() === wasActive) return
    wasActive = isActive()
    epoch += 1
    if (wasActive) for (const listener of listeners) listener()
  }
  node.onPower(changed)

  return {
    get active() {
      return isActive()
    },
    get epoch() {
      return epoch
    },
    whenActive(signal) {
      if (isActive() || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const done = () => {
          listeners.delete(done)
          signal.removeEventListener('abort', done)
          resolve()
        }
        listeners.add(done)
        signal.addEventListener('abort', done)
      })
    },
    onResume(listener) {
      listeners.add(listener)
    },
  }
}
