/** Keys that the page keeps for itself before xterm sees them. */
import type { Terminal } from '@xterm/xterm'

interface KeyWishes {
  readonly leave: () => void
  readonly input: (text: string) => void
}

/** Two Escapes within this leave the terminal (WCAG 2.1.2); each alone is the program's, as always. */
const LEAVE_MS = 350

/** For `attachCustomKeyEventHandler`: false keeps the event from xterm. */
export function keyHandler(terminal: Terminal, { leave, input }: KeyWishes) {
  let lastEscape = -Infinity
  return (event: KeyboardEvent): boolean => {
    if (event.type !== 'keydown') return true
    if (event.key === 'Escape') {
      const twice = event.timeStamp - lastEscape < LEAVE_MS
      lastEscape = event.timeStamp
      if (twice) leave()
      return !twice
    }
    const ctrl = event.ctrlKey || event.metaKey
    if (ctrl && event.key.toLowerCase() === 'c' && terminal.hasSelection()) {
      void navigator.clipboard.writeText(terminal.getSelection())
      terminal.clearSelection()
      event.preventDefault()
      return false
    }
    // The browser pastes by itself into xterm's text area.
    if (ctrl && event.key.toLowerCase() === 'v') return false
    if (event.shiftKey && event.key === 'Enter') {
      event.preventDefault()
      input('\n')
      return false
    }
    return true
  }
}
