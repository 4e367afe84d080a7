/**
 * A headless xterm that sees everything the learner's sees, so that somebody who comes later, or
 * back, gets the screen as it is and not the history of how it came about.
 */
import type { TerminalSize } from '../wire/terminal.ts'
import { TERMINAL_LIMITS } from './limits.ts'
import { followModes } from './mirror-modes.ts'

export interface Mirror {
  /** Bytes of the output that it has parsed, and that still wait. */
  readonly parsed: number
  readonly pending: number
  readonly bracketedPaste: boolean
  /** A full-screen program is on. */
  readonly alternate: boolean
  write(bytes: Uint8Array): void
  /** Takes effect after everything written so far. */
  resize(size: TerminalSize): void
  /** Once everything written so far is parsed. */
  snapshot(): Promise<Snapshot>
  dispose(): void
}

/** What brings a fresh terminal of this size to the state after `offset` bytes of output. */
export interface Snapshot extends TerminalSize {
  readonly offset: number
  readonly title: string
  readonly bytes: Uint8Array
}

export interface MirrorEvents {
  /** The emulator's own answers to queries (device reports). */
  answer(text: string): void
  title(title: string): void
  /** After each chunk. */
  parsed(): void
}

/** Loads xterm on the first call: a lab whose terminals nobody opens never pays for it. */
export async function createMirror(size: TerminalSize, events: MirrorEvents): Promise<Mirror> {
  const [{ default: headless }, { SerializeAddon }, { Unicode11Addon }] = await Promise.all([
    import('@xterm/headless'),
    import('@xterm/addon-serialize'),
    import('@xterm/addon-unicode11'),
  ])
  const terminal = new headless.Terminal({
    ...size,
    scrollback: TERMINAL_LIMITS.scrollbackLines,
    // For `parser`, `buffer` and `unicode`; no document here that output could reach.
    allowProposedApi: true,
    logLevel: 'off',
  })
  const serializer = new SerializeAddon()
  terminal.loadAddon(serializer)
  // The same widths as the page's terminal, or the columns of the two drift apart.
  terminal.loadAddon(new Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  const modes = followModes(terminal)

  let title = ''
  let written = 0
  let parsed = 0
  let disposed = false
  terminal.onData(events.answer)
  terminal.onTitleChange((raw) => {
    title = plainTitle(raw)
    events.title(title)
  })

  const encoder = new TextEncoder()
  const take = (): Snapshot => {
    const screen = serializer.serialize({ scrollback: TERMINAL_LIMITS.scrollbackLines })
    const name = title === '' ? '' : `\x1b]2;${title}\x07`
    return {
      offset: parsed,
      cols: terminal.cols,
      rows: terminal.rows,
      title,
      bytes: encoder.encode(screen + modes.restore() + name),
    }
  }

  return {
    get parsed() {
      return parsed
    },
    get pending() {
      return written - parsed
    },
    get bracketedPaste() {
      return terminal.modes.bracketedPasteMode
    },
    get alternate() {
      return terminal.buffer.active.type === 'alternate'
    },
    write(bytes) {
      written += bytes.length
      terminal.write(bytes, () => {
        if (disposed) return
        parsed += bytes.length
        events.parsed()
      })
    },
    resize({ cols, rows }) {
      terminal.write('', () => {
        if (disposed) return
        terminal.resize(cols, rows)
        modes.resized()
      })
    },
    snapshot: () => new Promise((resolve) => terminal.write('', () => resolve(take()))),
    dispose() {
      disposed = true
      terminal.dispose()
    },
  }
}

/** Without control characters and not longer than a tab can show. */
export function plainTitle(raw: string): string {
  return raw.replace(/[\u0000-\u001f\u007f-\u009f]/gu, '').slice(0, TERMINAL_LIMITS.titleChars)
}
