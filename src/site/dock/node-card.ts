/** One node on the map: a card with a row for each component, each a button that opens its menu. */
import type { MapNode, MapState } from '../../wire/state.ts'
import { button, el, setAttributes, setText } from './dom.ts'
import { ComponentRow } from './component-row.ts'
import { cutWords, veilOf } from './map-words.ts'
import { openNodeMenu } from './node-menu.ts'
import { PodDots, podWords } from './pod-dots.ts'

export class NodeCard {
  readonly element: HTMLElement
  readonly #head = button('', 'node-head', () => openNodeMenu(this.#head, this.#node))
  readonly #name = el('span', { class: 'node-name' })
  readonly #facts = el('span', { class: 'node-facts' })
  readonly #rows = el('div', { class: 'node-rows' })
  readonly #veil = el('span', { class: 'veil' }, el('span', { class: 'veil-words' }))
  readonly #components = new Map<string, ComponentRow>()
  readonly #pods = new PodDots()
  #node: MapNode

  constructor(node: MapNode, tone: number) {
    this.#node = node
    this.element = el('section', {
      class: `node ${node.role}`,
      'data-node': node.name,
      'data-tone': tone ? String(tone) : undefined,
    })
    setAttributes(this.#head, { 'aria-haspopup': 'menu', 'aria-expanded': 'false' })
    this.#head.append(
      this.#name,
      this.#facts,
      el('span', { class: 'more', 'aria-hidden': 'true' }, '⋮'),
    )
    this.element.append(this.#head)
    if (node.role === 'control-plane' || node.role === 'etcd')
      this.element.append(el('div', { class: 'node-body' }, this.#rows, this.#veil))
    if (node.role === 'worker') this.#facts.after(this.#pods.element)
  }

  /** `facts`: what stands beside or under the name. */
  update(map: MapState, node: MapNode, title: string, facts: string) {
    this.#node = node
    const veil = veilOf(node)
    const cut = cutWords(node)
    // A member's head has room for one of both; that it is cut off matters more than its address.
    const isMember = node.role === 'control-plane'
    const shown = isMember ? (cut ?? facts) : [facts, veil, cut].filter(Boolean).join(' · ')
    const pods = node.role === 'worker' ? podWords(node.pods) : null
    const spoken = new Set([shown, pods, veil])
    setText(this.#name, title)
    setText(this.#facts, shown)
    setAttributes(this.#head, {
      'aria-label': `${title}: ${[...spoken].filter(Boolean).join(', ')}`,
    })
    setAttributes(this.element, {
      'data-power': node.power,
      'data-cut': cut !== null,
      'aria-label': `${node.name}, ${node.role.replace('-', ' ')}`,
    })
    this.#veil.hidden = veil === null
    setText(this.#veil.firstElementChild ?? this.#veil, veil ?? '')
    this.#pods.update(node)
    this.#updateRows(map, node)
  }

  /** Rows keep their elements, so that an open menu or the focus in one survives an update. */
  #updateRows(map: MapState, node: MapNode) {
    for (const component of node.components) {
      let row = this.#components.get(component.name)
      if (!row) {
        row = new ComponentRow(node.name, component.name)
        this.#components.set(component.name, row)
        this.#rows.append(row.element)
      }
      row.update(map, node, component)
    }
    for (const [name, row] of this.#components) {
      if (node.components.some((component) => component.name === name)) continue
      row.element.remove()
      this.#components.delete(name)
    }
  }
}
