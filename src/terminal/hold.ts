/** Pausing a pty for several reasons at once, never so long that the end of its output is lost. */
import type { Pty } from '../engines/types.ts'
import type { Clock } from './clock.ts'
import { TERMINAL_LIMITS } from './limits.ts'

/** `controller`: its terminal is behind. `mirror`: ours is. `unattended`: nobody looks. */
type HoldReason = 'controller' | 'mirror' | 'unattended'

export interface Hold {
  set(reason: HoldReason): void
  clear(reason: HoldReason): void
  /** Call for every chunk that was read: ends a breath. */
  read(): void
  /** From now on the pty is read to its end. */
  stop(): void
}

/**
 * A child that ends while its pty is paused takes the unread rest of its output along, 200 ms
 * later. So while paused the child is looked after; a pty that cannot tell is read a little now
 * and then, which lets its end come through.
 */
export function createHold(pty: Pty, clock: Clock): Hold {
  const reasons = new Set<HoldReason>()
  let paused = false
  let stopped = false
  let pausedAt = 0
  let cancelCheck = () => {}

  const pause = () => {
    paused = true
    pausedAt = clock.now()
    pty.pause()
    watch()
  }
  const resume = () => {
    paused = false
    cancelCheck()
    pty.resume()
  }
  const watch = () => {
    cancelCheck = clock.after(TERMINAL_LIMITS.pausedCheckMs, () => {
      if (pty.alive && !pty.alive()) return hold.stop()
      if (!pty.alive && clock.now() - pausedAt >= TERMINAL_LIMITS.pausedBreathMs) return resume()
      watch()
    })
  }

  const hold: Hold = {
    set(reason) {
      if (stopped) return
      reasons.add(reason)
      if (!paused) pause()
    },
    clear(reason) {
      if (reasons.delete(reason) && reasons.size === 0 && paused) resume()
    },
    read() {
      if (!stopped && !paused && reasons.size > 0) pause()
    },
    stop() {
      stopped = true
      reasons.clear()
      if (paused) resume()
      cancelCheck()
    },
  }
  return hold
}
