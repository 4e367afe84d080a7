/** WebGL where the browser has it; xterm's own DOM renderer otherwise, or when asked for. */
import type { Terminal } from '@xterm/xterm'

/** `?renderer=dom`, which tests use to read rows as text. */
function wantsDom(): boolean {
  return new URLSearchParams(location.search).get('renderer') === 'dom'
}

/** `changed`: cells may measure differently now, so the terminal must be fitted again. */
export function useWebgl(terminal: Terminal, changed: () => void) {
  if (wantsDom()) return
  void import('@xterm/addon-webgl').then(({ WebglAddon }) => {
    try {
      const addon = new WebglAddon()
      addon.onContextLoss(() => {
        addon.dispose()
        changed()
      })
      terminal.loadAddon(addon)
      changed()
    } catch {
      // No WebGL here: the DOM renderer stays.
    }
  })
}
