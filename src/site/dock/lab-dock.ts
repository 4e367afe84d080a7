/**
 * The dock beside the lesson: where it stands, how wide, open or not. It outlives page changes; what
 * is in it are elements of their own that follow the store.
 */
import './lab-head.ts'
import './lab-stage.ts'
import './lab-task.ts'
import './predict-first.ts'
import './run-blocks.ts'
import { enterPage } from './actions.ts'
import { draggable } from './draggable.ts'
import { pageFacts } from './page.ts'
import { readSetting, writeSetting } from './settings.ts'

type DockView = 'open' | 'closed' | 'none'

/** Share of the window that the lesson has, in percent. */
const LESSON_SHARE = { min: 25, max: 70, start: 36 }

class LabDock extends HTMLElement {
  #abort: AbortController | undefined

  connectedCallback() {
    // The router may connect an incoming placeholder for a moment before it drops it.
    queueMicrotask(() => {
      if (this.isConnected && !this.#abort) this.#start()
    })
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected) return
      this.#abort?.abort()
      this.#abort = undefined
    })
  }

  /** Its presence keeps a browser's `moveBefore` from calling the other two. */
  connectedMoveCallback() {}

  #start() {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    this.#edge(signal)
    this.#rail?.addEventListener('click', () => this.open(), { signal })
    this.addEventListener('halab:collapse', () => this.#collapse(), { signal })
    this.addEventListener('click', (event) => this.#onSwitch(event), { signal })
    document.addEventListener('halab:show-lab', () => this.open(), { signal })
    document.addEventListener('astro:after-swap', () => this.#onPage(), { signal })
    this.#onPage()
  }

  /** Makes the lab visible: out of its rail, and on small screens in place of the lesson. */
  open() {
    this.#show('open')
    this.#view('lab')
  }

  get #rail() {
    return this.querySelector<HTMLButtonElement>('.dock-rail')
  }

  #onPage() {
    const page = pageFacts()
    const remembered = readSetting('dock') === 'closed' ? 'closed' : 'open'
    document.documentElement.dataset.dock = page.lab === null ? 'none' : remembered
    this.#applyShare(Number(readSetting('lesson-width')) || LESSON_SHARE.start)
    this.#view('lesson')
    void enterPage(page)
  }

  #show(view: DockView) {
    writeSetting('dock', view)
    document.documentElement.dataset.dock = view
    this.#rail?.setAttribute('aria-expanded', String(view === 'open'))
    window.dispatchEvent(new Event('resize'))
  }

  #collapse() {
    this.#show('closed')
    this.#rail?.focus()
  }

  #onSwitch(event: MouseEvent) {
    if (!(event.target instanceof Element)) return
    const view = event.target.closest<HTMLElement>('[data-view]')?.dataset.view
    if (view === 'lesson' || view === 'lab') this.#view(view)
  }

  /** On a small screen one of both is seen. */
  #view(view: 'lesson' | 'lab') {
    document.documentElement.dataset.view = view
    for (const button of this.querySelectorAll<HTMLElement>('[data-view]'))
      button.setAttribute('aria-pressed', String(button.dataset.view === view))
  }

  #edge(signal: AbortSignal) {
    const edge = this.querySelector<HTMLElement>('.dock-edge')
    if (!edge) return
    draggable(edge, {
      ...LESSON_SHARE,
      axis: 'x',
      apply: (share) => {
        writeSetting('lesson-width', String(share))
        this.#applyShare(share)
      },
      signal,
    })
  }

  #applyShare(share: number) {
    document.documentElement.style.setProperty('--lesson-share', String(share))
    this.querySelector('.dock-edge')?.setAttribute('aria-valuenow', String(share))
  }
}

customElements.define('lab-dock', LabDock)
