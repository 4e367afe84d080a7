/** One tab's terminal: the screen, its connection, and a line that says what is wrong with it. */
import type { TerminalSummary } from '../../wire/agent-api.ts'
import { runPath } from './actions.ts'
import { post, socketUrl } from './api.ts'
import { button, el, setText } from './dom.ts'
import { readSetting } from './settings.ts'
import { TerminalClient, type TerminalLink } from './terminal-client.ts'
import type { TerminalView } from './terminal-view.ts'
import type { TerminalWish } from './open-terminal.ts'

export const FONT_PX = { min: 9, max: 24, start: 13 }

export class TerminalPane {
  readonly id: string
  readonly node: string
  readonly element: HTMLElement
  readonly #host = el('div', { class: 'terminal-host' })
  readonly #banner = el('p', { class: 'terminal-banner', role: 'status' })
  readonly #bannerWords = el('span')
  readonly #take = button('Type here', 'btn', () => this.#client?.take())
  readonly #leave: () => void
  #client: TerminalClient | undefined
  #view: TerminalView | undefined
  #pending: TerminalWish['run'][] = []
  #link: TerminalLink = { state: 'connecting' }
  #mine = true
  #focusWanted = false
  #disposed = false

  constructor(summary: TerminalSummary, leave: () => void) {
    this.id = summary.id
    this.node = summary.node
    this.#leave = leave
    const hint = el('p', { class: 'sr-only', id: `leave-${summary.id}` })
    hint.textContent = 'Press Escape twice to leave the terminal.'
    this.#banner.append(this.#bannerWords, this.#take)
    this.element = el('div', { class: 'terminal-pane' }, hint, this.#banner, this.#host)
    this.#renderBanner()
    void this.#start()
  }

  /** Types a lesson's block as soon as the terminal is ready for it. */
  run(block: TerminalWish['run']) {
    if (block === undefined) return
    if (this.#client?.open && this.#mine) {
      this.#client.runBlock(block.blockId, block.text, block.enter)
      this.focus()
    } else this.#pending.push(block)
  }

  focus() {
    this.#focusWanted = this.#view === undefined
    this.#view?.focus()
  }

  shown() {
    this.#client?.resize()
  }

  get view() {
    return this.#view
  }

  dispose() {
    this.#disposed = true
    this.#client?.close()
    this.#view?.dispose()
    this.element.remove()
  }

  async #start() {
    const { openTerminalView } = await import('./terminal-view.ts')
    const view = await openTerminalView(this.#host, {
      label: `Terminal on ${this.node}`,
      describedBy: `leave-${this.id}`,
      fontSize: Number(readSetting('font-size')) || FONT_PX.start,
      screenReader: readSetting('screen-reader') === 'on',
      leave: this.#leave,
      input: (text) => this.#client?.input(text),
      resized: () => this.#client?.resize(),
    })
    if (this.#disposed) return view.dispose()
    this.#view = view
    if (this.#focusWanted) view.focus()
    const base = `${runPath()}/terminals/${encodeURIComponent(this.id)}`
    this.#client = new TerminalClient(
      async () => {
        const { ticket } = await post<{ ticket: string }>(`${base}/tickets`)
        return { url: socketUrl(`/ws${base}`), ticket }
      },
      view,
      {
        link: (link) => this.#onLink(link),
        control: (mine) => this.#onControl(mine),
        title: (title) => (this.#host.dataset.title = title.slice(0, 100)),
        notice: (words) => this.#notice(words),
      },
    )
    await this.#client.run()
  }

  #onLink(link: TerminalLink) {
    this.#link = link
    this.#renderBanner()
  }

  #onControl(mine: boolean) {
    this.#mine = mine
    this.#renderBanner()
    if (!mine || !this.#client?.open) return
    for (const block of this.#pending.splice(0)) this.run(block)
  }

  #notice(words: string) {
    setText(this.#bannerWords, words)
    this.#banner.hidden = false
    setTimeout(() => this.#renderBanner(), 6_000)
  }

  #renderBanner() {
    const watching = this.#link.state === 'open' && !this.#mine
    const words = watching ? 'Another window types in this terminal.' : linkWords(this.#link)
    this.#take.hidden = !watching
    setText(this.#bannerWords, words)
    this.#banner.hidden = words === ''
  }
}

function linkWords(link: TerminalLink): string {
  switch (link.state) {
    case 'open':
      return ''
    case 'connecting':
      return 'Connecting…'
    case 'waiting':
      return 'Connection lost. What you type now is not sent. Trying again…'
    case 'exited':
      return link.signal
        ? `The shell was ended by ${link.signal}. Open another with +.`
        : `The shell ended with exit status ${link.code ?? 'unknown'}. Open another with +.`
    case 'closed':
      return `This terminal is closed${link.reason ? `: ${link.reason}` : ''} (${link.code}).`
  }
}
