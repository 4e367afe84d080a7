/** The lower half of a running lab: tasks and terminals in tabs; until the lab is usable, its boot steps. */
import type { TerminalSummary } from '../../wire/agent-api.ts'
import { runPath } from './actions.ts'
import { post } from './api.ts'
import { bootSteps, renderBootSteps } from './boot-steps.ts'
import { button, el, setAttributes, setText } from './dom.ts'
import { openMenu } from './menu.ts'
import { TERMINAL_WISH, type TerminalWish } from './open-terminal.ts'
import { readSetting, writeSetting } from './settings.ts'
import { type LabState, labState, subscribe } from './store.ts'
import { Tabs } from './tabs.ts'
import { taskList } from './task-list.ts'
import { FONT_PX, TerminalPane } from './terminal-pane.ts'
import { terminalFind } from './terminal-find.ts'

class LabPanels extends HTMLElement {
  #abort: AbortController | undefined
  readonly #boot = bootSteps()
  readonly #tabs = new Tabs('Tasks and terminals', (key) => this.#panes.get(key)?.shown())
  readonly #panes = new Map<string, TerminalPane>()
  readonly #opening = new Map<string, Promise<TerminalPane | undefined>>()
  readonly #add = button('+', 'icon-button', () => this.#chooseNode())
  readonly #more = button('⋯', 'icon-button', () => this.#chooseOption())
  readonly #find = terminalFind(() => this.#panes.get(this.#tabs.selected)?.view)
  #tasksTab: HTMLElement | undefined

  connectedCallback() {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    setAttributes(this.#add, { 'aria-label': 'Open a terminal', 'aria-haspopup': 'menu' })
    setAttributes(this.#more, { 'aria-label': 'Terminal options', 'aria-haspopup': 'menu' })
    const tasks = taskList(signal)
    this.#tasksTab = this.#tabs.add('tasks', 'Tasks', tasks)
    const bar = el(
      'div',
      { class: 'tab-bar' },
      this.#tabs.list,
      el('span', { class: 'menu-spot' }, this.#add),
      el('span', { class: 'grow' }),
      el('span', { class: 'menu-spot' }, this.#more),
    )
    this.replaceChildren(bar, this.#find.element, this.#tabs.panels, this.#boot)
    document.addEventListener(
      TERMINAL_WISH,
      (event) => void this.#onWish((event as CustomEvent<TerminalWish>).detail),
      { signal },
    )
    window.halabDebug = { text: (id) => this.#paneOf(id)?.view?.text ?? '' }
    subscribe((state) => this.#render(state), signal)
  }

  disconnectedCallback() {
    this.#abort?.abort()
    for (const pane of this.#panes.values()) pane.dispose()
    this.#panes.clear()
  }

  #render(state: LabState) {
    const { run, results, terminals } = state
    const usable = run?.state === 'usable' || run?.state === 'ready' || run?.state === 'paused'
    setAttributes(this, { 'data-scene': usable ? 'usable' : 'boot' })
    renderBootSteps(this.#boot, state)
    const passed = results?.tasks.filter(({ status }) => status === 'pass').length ?? 0
    const of = results?.tasks.length
    if (this.#tasksTab) setText(this.#tasksTab, of ? `Tasks ${passed}/${of}` : 'Tasks')
    if (run?.state === 'resetting') return this.#dropGone([])
    if (!usable || terminals === null) return
    this.#dropGone(terminals)
    for (const summary of terminals) if (!summary.exited) this.#attach(summary)
    // The workstation is what one starts with.
    if (![...this.#panes.values()].some(isWorkstation))
      void this.#openNode('workstation').then((pane) => pane && this.#tabs.select(pane.id))
  }

  /** Terminals end with their node's power and with a reset; one that ended while shown stays to be read. */
  #dropGone(terminals: readonly TerminalSummary[]) {
    const known = new Set(terminals.map(({ id }) => id))
    for (const [id, pane] of this.#panes) {
      if (known.has(id) || this.#opening.has(pane.node)) continue
      pane.dispose()
      this.#panes.delete(id)
      this.#tabs.remove(id)
    }
  }

  #attach(summary: TerminalSummary): TerminalPane {
    const known = this.#panes.get(summary.id)
    if (known) return known
    const leave = () => this.#tabs.focusTab(summary.id)
    const pane = new TerminalPane(summary, leave)
    this.#panes.set(summary.id, pane)
    const same = [...this.#panes.values()].filter(({ node }) => node === summary.node).length
    this.#tabs.add(summary.id, same > 1 ? `${summary.node} ${same}` : summary.node, pane.element)
    if (isWorkstation(pane) && same === 1) this.#tabs.select(summary.id)
    return pane
  }

  async #onWish({ node, run }: TerminalWish) {
    const pane = this.#paneOf(node) ?? (await this.#openNode(node))
    if (!pane) return
    this.#tabs.select(pane.id)
    pane.focus()
    pane.run(run)
  }

  #paneOf(idOrNode: string) {
    return (
      this.#panes.get(idOrNode) ?? [...this.#panes.values()].find(({ node }) => node === idOrNode)
    )
  }

  /** One request at a time for a node: state changes arrive faster than answers. */
  #openNode(node: string): Promise<TerminalPane | undefined> {
    const already = this.#opening.get(node)
    if (already) return already
    const opening = post<TerminalSummary>(`${runPath()}/terminals`, { node })
      .then((summary) => this.#attach(summary))
      .catch(() => undefined)
    this.#opening.set(node, opening)
    void opening.finally(() => setTimeout(() => this.#opening.delete(node), 1_000))
    return opening
  }

  #chooseNode() {
    const { run, map } = labState()
    const off = new Set(map?.nodes.filter(({ power }) => power === 'off').map(({ name }) => name))
    const nodes = run?.nodes.filter(({ name }) => !off.has(name)) ?? []
    openMenu(
      this.#add,
      'Open a terminal on',
      nodes.map(({ name }) => ({
        label: name,
        danger: false,
        action: () => void this.#openNode(name).then((pane) => this.#present(pane)),
      })),
    )
  }

  #present(pane: TerminalPane | undefined) {
    if (!pane) return
    this.#tabs.select(pane.id)
    pane.focus()
  }

  #chooseOption() {
    const reader = readSetting('screen-reader') === 'on'
    openMenu(this.#more, 'Terminals', [
      { label: 'Larger text', danger: false, action: () => this.#font(1) },
      { label: 'Smaller text', danger: false, action: () => this.#font(-1) },
      { label: 'Find in output', danger: false, action: () => this.#find.open() },
      {
        label: `Screen reader mode: turn ${reader ? 'off' : 'on'}`,
        danger: false,
        action: () => this.#screenReader(!reader),
      },
    ])
  }

  #font(step: number) {
    const now = Number(readSetting('font-size')) || FONT_PX.start
    const px = Math.min(FONT_PX.max, Math.max(FONT_PX.min, now + step))
    writeSetting('font-size', String(px))
    for (const pane of this.#panes.values()) {
      if (pane.view) pane.view.fontSize = px
      pane.shown()
    }
  }

  #screenReader(on: boolean) {
    writeSetting('screen-reader', on ? 'on' : 'off')
    for (const { view } of this.#panes.values()) if (view) view.screenReader = on
  }
}

function isWorkstation({ node }: TerminalPane): boolean {
  return node === 'workstation'
}

declare global {
  interface Window {
    /** For tests: the text of a terminal, by its id or its node's name. */
    halabDebug?: { text(idOrNode: string): string }
  }
}

customElements.define('lab-panels', LabPanels)
