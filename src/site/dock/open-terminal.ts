/** Who wants a terminal says so by an event; the panels open it. */
export interface TerminalWish {
  readonly node: string
  /** Text to put in, once it is open. */
  readonly run?: { readonly blockId: string; readonly text: string; readonly enter: boolean }
}

export const TERMINAL_WISH = 'halab:terminal'

export function openTerminal(node: string, run?: TerminalWish['run']) {
  document.dispatchEvent(new Event('halab:show-lab'))
  document.dispatchEvent(new CustomEvent<TerminalWish>(TERMINAL_WISH, { detail: { node, run } }))
}
