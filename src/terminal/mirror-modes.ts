/**
 * State of a terminal that @xterm/addon-serialize 0.14 leaves out of what it writes: mouse
 * encodings, cursor style and visibility, scroll regions. Followed from the output itself and
 * appended to a snapshot as the sequences that bring it about.
 */
import type { IBuffer, Terminal } from '@xterm/headless'

type Params = readonly (number | number[])[]
const CSI = '\x1b['
/** SGR, urxvt and SGR-pixels mouse encodings: at most one is on. */
const MOUSE_ENCODINGS: ReadonlySet<number> = new Set([1006, 1015, 1016])

export interface MirrorModes {
  /** To be written after the serialized screen. */
  restore(): string
  /** xterm forgets scroll regions when it is resized; so must we. */
  resized(): void
}

export function followModes(terminal: Terminal): MirrorModes {
  let mouseEncoding: number | null = null
  let cursorHidden = false
  let cursorStyle = 0
  const regions = new Map<IBuffer['type'], { top: number; bottom: number }>()

  const setModes = (params: Params, on: boolean) => {
    for (const mode of params.flat()) {
      if (mode === 25) cursorHidden = !on
      else if (MOUSE_ENCODINGS.has(mode)) mouseEncoding = on ? mode : null
    }
  }
  const reset = () => {
    mouseEncoding = null
    cursorHidden = false
    cursorStyle = 0
    regions.clear()
  }
  const setRegion = (params: Params) => {
    const { rows } = terminal
    const top = first(params, 0) || 1
    const bottom = Math.min(first(params, 1) || rows, rows)
    if (bottom <= top) return
    if (top === 1 && bottom === rows) regions.delete(terminal.buffer.active.type)
    else regions.set(terminal.buffer.active.type, { top, bottom })
  }

  /** Look on only: `false` leaves the sequence to xterm's own handler. */
  const on = (
    id: { prefix?: string; intermediates?: string; final: string },
    see: (p: Params) => void,
  ) =>
    terminal.parser.registerCsiHandler(id, (params) => {
      see(params)
      return false
    })
  on({ prefix: '?', final: 'h' }, (params) => setModes(params, true))
  on({ prefix: '?', final: 'l' }, (params) => setModes(params, false))
  on({ intermediates: ' ', final: 'q' }, (params) => (cursorStyle = first(params, 0)))
  on({ final: 'r' }, setRegion)
  on({ intermediates: '!', final: 'p' }, () => {
    cursorHidden = false
    regions.delete(terminal.buffer.active.type)
  })
  terminal.parser.registerEscHandler({ final: 'c' }, () => {
    reset()
    return false
  })
  // The alternate screen starts afresh each time.
  terminal.buffer.onBufferChange((buffer) => {
    if (buffer.type === 'normal') regions.delete('alternate')
  })

  return {
    restore() {
      const region = regions.get(terminal.buffer.active.type)
      let text = region ? `${CSI}${region.top};${region.bottom}r` : ''
      // Setting a region or origin mode sends the cursor home.
      if (region || terminal.modes.originMode) text += cursorPosition(terminal, region?.top ?? 1)
      if (mouseEncoding !== null) text += `${CSI}?${mouseEncoding}h`
      if (cursorStyle !== 0) text += `${CSI}${cursorStyle} q`
      if (cursorHidden) text += `${CSI}?25l`
      return text
    },
    resized: () => regions.clear(),
  }
}

function first(params: Params, at: number): number {
  const value = params[at]
  return (Array.isArray(value) ? value[0] : value) ?? 0
}

/** In origin mode rows count from the top of the region. */
function cursorPosition(terminal: Terminal, regionTop: number): string {
  const { cursorX, cursorY } = terminal.buffer.active
  const row = terminal.modes.originMode ? cursorY - regionTop + 2 : cursorY + 1
  return `${CSI}${row};${Math.min(cursorX, terminal.cols - 1) + 1}H`
}
