/** A component on a node's card: sign, name, ring while it leads, words. */
import type { MapComponent, MapNode, MapState } from '../../wire/state.ts'
import { button, el, setAttributes, setText } from './dom.ts'
import { glyph, setGlyph } from './glyph.ts'
import { LeaseRing } from './lease-ring.ts'
import { glyphOf, leaseLeft, leaseOf, toneOf } from './map-words.ts'
import { openComponentMenu } from './node-menu.ts'
import { labState } from './store.ts'
import { componentLabel } from './words.ts'

export class ComponentRow {
  readonly element: HTMLElement
  readonly #button: HTMLButtonElement
  readonly #glyph = glyph()
  readonly #ring = new LeaseRing()
  readonly #note = el('span', { class: 'row-note' })

  constructor(node: string, component: string) {
    this.#button = button('', 'row', () => openComponentMenu(this.#button, node, component))
    setAttributes(this.#button, { 'aria-haspopup': 'menu', 'aria-expanded': 'false' })
    this.#button.append(
      this.#glyph,
      el('span', { class: 'row-name' }, componentLabel(component)),
      this.#ring.element,
      this.#note,
    )
    this.element = el('div', { class: 'row-box', 'data-component': component }, this.#button)
  }

  update(map: MapState, node: MapNode, component: MapComponent) {
    const tone = toneOf(component, node)
    setGlyph(this.#glyph, glyphOf(component, node))
    const note = component.note.replaceAll('-', ' ')
    setText(this.#note, note)
    setAttributes(this.#button, {
      'data-tone': tone,
      disabled: node.power !== 'on',
      'aria-label': `${component.name} on ${node.name}: ${note}`,
    })
    const leads = tone === 'lead'
    this.#ring.element.toggleAttribute('data-on', leads)
    if (leads) this.#turn(map, node.name, component.name)
  }

  #turn(map: MapState, node: string, component: string) {
    const lease = leaseOf(map, node, component)
    if (!lease) return this.#ring.hold()
    const nowMs = map.ms + (performance.now() - labState().mapAt)
    const left = leaseLeft(lease, nowMs)
    this.#ring.drain(left, left * lease.durationSeconds * 1000, lease.renewedMs)
  }
}
