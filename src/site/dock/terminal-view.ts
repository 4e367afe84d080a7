/** An xterm in the page: a `TerminalScreen` with what a reader needs of it. Its chunk loads on demand. */
import styles from '@xterm/xterm/css/xterm.css?inline'
import { ClipboardAddon, type IClipboardProvider } from '@xterm/addon-clipboard'
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import type { TerminalSize } from '../../wire/terminal.ts'
import { adoptStyles } from './adopt-styles.ts'
import type { TerminalScreen } from './terminal-client.ts'
import { keyHandler } from './terminal-keys.ts'
import { useWebgl } from './terminal-renderer.ts'
import { terminalTheme } from './terminal-theme.ts'

adoptStyles(styles)

const FONT = '"JetBrains Mono Variable", ui-monospace, monospace'
/** A program may fill the clipboard, but not with a book. */
const CLIPBOARD_CHARS = 100_000

/** Programs may write the clipboard (OSC 52), never read it. */
const WRITE_ONLY: IClipboardProvider = {
  readText: () => '',
  writeText: (_selection, text) => navigator.clipboard.writeText(text.slice(0, CLIPBOARD_CHARS)),
}

interface TerminalWishes {
  readonly label: string
  readonly fontSize: number
  readonly screenReader: boolean
  /** Escape twice: back to the tabs. */
  readonly leave: () => void
  readonly input: (text: string) => void
  readonly resized: () => void
  readonly describedBy: string
}

export async function openTerminalView(host: HTMLElement, wishes: TerminalWishes) {
  // A web font that arrives after `open` leaves wrongly measured cells behind.
  await Promise.allSettled([
    document.fonts.load(`13px ${FONT}`),
    document.fonts.load(`bold 13px ${FONT}`),
  ])
  return new TerminalView(host, wishes)
}

export class TerminalView implements TerminalScreen {
  readonly #terminal: Terminal
  readonly #fit = new FitAddon()
  readonly #search = new SearchAddon()
  readonly #host: HTMLElement
  readonly #observers: { disconnect(): void }[] = []

  constructor(host: HTMLElement, wishes: TerminalWishes) {
    this.#host = host
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.#terminal = new Terminal({
      allowProposedApi: true, // unicode11 needs it; nothing else of it is used.
      cursorBlink: !still,
      fontFamily: FONT,
      fontSize: wishes.fontSize,
      lineHeight: 1.25,
      linkHandler: {
        activate: (_event, uri) => openLink(uri),
        hover: (_event, uri) => (host.title = uri),
        leave: () => host.removeAttribute('title'),
      },
      minimumContrastRatio: 4.5,
      screenReaderMode: wishes.screenReader,
      scrollback: 5_000,
      theme: terminalTheme(),
    })
    const terminal = this.#terminal
    terminal.loadAddon(this.#fit)
    terminal.loadAddon(this.#search)
    terminal.loadAddon(new ClipboardAddon(undefined, WRITE_ONLY))
    terminal.loadAddon(new Unicode11Addon())
    terminal.unicode.activeVersion = '11'
    terminal.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri), linkHover(host)))
    terminal.attachCustomKeyEventHandler(keyHandler(terminal, wishes))
    terminal.onData(wishes.input)
    terminal.onBinary(wishes.input)
    terminal.open(host)
    terminal.textarea?.setAttribute('aria-label', wishes.label)
    terminal.textarea?.setAttribute('aria-describedby', wishes.describedBy)
    useWebgl(terminal, wishes.resized)
    this.#watch(wishes.resized)
  }

  write(bytes: Uint8Array, parsed: () => void) {
    this.#terminal.write(bytes, parsed)
  }

  reset(size: TerminalSize) {
    this.#terminal.reset()
    this.setSize(size)
  }

  setSize({ cols, rows }: TerminalSize) {
    if (cols !== this.#terminal.cols || rows !== this.#terminal.rows)
      this.#terminal.resize(cols, rows)
  }

  fittingSize(): TerminalSize {
    if (this.#host.offsetWidth === 0) return { cols: 0, rows: 0 }
    return this.#fit.proposeDimensions() ?? { cols: 0, rows: 0 }
  }

  focus() {
    this.#terminal.focus()
  }

  set fontSize(px: number) {
    this.#terminal.options.fontSize = px
  }

  set screenReader(on: boolean) {
    this.#terminal.options.screenReaderMode = on
  }

  find(term: string, direction: 'next' | 'previous') {
    return direction === 'next' ? this.#search.findNext(term) : this.#search.findPrevious(term)
  }

  /** All lines in the buffer, wrapped ones joined: for tests, which cannot read pixels. */
  get text(): string {
    const { active } = this.#terminal.buffer
    let text = ''
    for (let row = 0; row < active.length; row += 1) {
      const line = active.getLine(row)
      if (line) text += (line.isWrapped || row === 0 ? '' : '\n') + line.translateToString(true)
    }
    return text
  }

  dispose() {
    for (const observer of this.#observers) observer.disconnect()
    this.#terminal.dispose()
  }

  #watch(resized: () => void) {
    let timer: ReturnType<typeof setTimeout> | undefined
    const sizes = new ResizeObserver(() => {
      clearTimeout(timer)
      timer = setTimeout(resized, 100)
    })
    sizes.observe(this.#host)
    const theme = new MutationObserver(() => (this.#terminal.options.theme = terminalTheme()))
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    this.#observers.push(sizes, theme)
  }
}

function linkHover(host: HTMLElement) {
  return {
    hover: (_event: MouseEvent, uri: string) => (host.title = uri),
    leave: () => host.removeAttribute('title'),
  }
}

/** Output is hostile: nothing but web addresses, and no way back to this window. */
function openLink(uri: string) {
  if (/^https?:\/\//i.test(uri)) window.open(uri, '_blank', 'noopener,noreferrer')
}
