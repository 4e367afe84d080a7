/** Tabs as WAI-ARIA has them: one stop in the tab order, arrows between tabs, panels named by theirs. */
import { el, setAttributes } from './dom.ts'

interface Tab {
  readonly button: HTMLButtonElement
  readonly panel: HTMLElement
}

export class Tabs {
  readonly list: HTMLElement
  readonly panels = el('div', { class: 'panels' })
  readonly #tabs = new Map<string, Tab>()
  readonly #shown: (key: string) => void
  #selected = ''

  /** `shown` is called with the key of each tab that comes to the front. */
  constructor(label: string, shown: (key: string) => void) {
    this.#shown = shown
    this.list = el('div', { class: 'tabs', role: 'tablist', 'aria-label': label })
    this.list.addEventListener('keydown', (event) => this.#onKey(event))
  }

  get selected() {
    return this.#selected
  }

  /** The tab's button, whose text may be changed. */
  add(key: string, label: string, content: HTMLElement): HTMLElement {
    const button = el(
      'button',
      { type: 'button', class: 'tab', role: 'tab', id: `tab-${key}` },
      label,
    )
    const panel = el('div', { class: 'panel', role: 'tabpanel', id: `panel-${key}` }, content)
    setAttributes(button, { 'aria-controls': panel.id })
    setAttributes(panel, { 'aria-labelledby': button.id })
    button.addEventListener('click', () => this.select(key))
    this.#tabs.set(key, { button, panel })
    this.list.append(button)
    this.panels.append(panel)
    this.select(this.#selected || key)
    return button
  }

  remove(key: string) {
    const tab = this.#tabs.get(key)
    tab?.button.remove()
    tab?.panel.remove()
    this.#tabs.delete(key)
    const first = this.#tabs.keys().next().value
    if (this.#selected === key && first !== undefined) this.select(first)
  }

  select(key: string) {
    this.#selected = key
    for (const [other, { button, panel }] of this.#tabs) {
      const on = other === key
      setAttributes(button, { 'aria-selected': String(on), tabindex: on ? '0' : '-1' })
      panel.hidden = !on
    }
    this.#shown(key)
  }

  focusTab(key: string) {
    this.#tabs.get(key)?.button.focus()
  }

  #onKey(event: KeyboardEvent) {
    const keys = [...this.#tabs.keys()]
    const target = keyTarget(event.key, keys.indexOf(this.#selected), keys.length)
    const key = target === null ? undefined : keys[target]
    if (key === undefined) return
    event.preventDefault()
    this.select(key)
    this.focusTab(key)
  }
}

function keyTarget(key: string, now: number, count: number): number | null {
  if (key === 'ArrowRight') return (now + 1) % count
  if (key === 'ArrowLeft') return (now - 1 + count) % count
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : null
}
