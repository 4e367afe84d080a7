/** What a remote program may have left switched on in the terminal when its node lost power. */

const ENTER_ALTERNATE = '\x1b[?1049h'
const LEAVE_ALTERNATE = '\x1b[?1049l'
/** Mouse reports, bracketed paste, application keys off; cursor shown; colours as they were. */
const PLAIN = '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1l\x1b[?25h\x1b[0m'

export interface ScreenWatch {
  readonly alternate: boolean
  see(bytes: Uint8Array): void
}

/** Follows whether output has switched to the alternate screen, which must not be left blindly. */
export function screenWatch(): ScreenWatch {
  let alternate = false
  let tail = ''
  return {
    get alternate() {
      return alternate
    },
    see(bytes) {
      const text = tail + Buffer.from(bytes).toString('latin1')
      const entered = text.lastIndexOf(ENTER_ALTERNATE)
      const left = text.lastIndexOf(LEAVE_ALTERNATE)
      if (entered !== left) alternate = entered > left
      // A sequence may be cut between two chunks; one that is whole must not be seen twice.
      tail = text.slice(-(ENTER_ALTERNATE.length - 1))
    },
  }
}

export function restoreSequence(alternate: boolean): string {
  return alternate ? LEAVE_ALTERNATE + PLAIN : PLAIN
}
