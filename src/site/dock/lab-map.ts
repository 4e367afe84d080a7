/** The map: who is there, who leads, what works. It draws MapState as it comes and decides nothing. */
import type { MapNode, MapState } from '../../wire/state.ts'
import { el, setAttributes, setText, svg } from './dom.ts'
import { drawLinks } from './map-links.ts'
import { quorumWords } from './map-words.ts'
import { NodeCard } from './node-card.ts'
import { subscribe } from './store.ts'

class LabMap extends HTMLElement {
  #abort: AbortController | undefined
  #map: MapState | null = null
  readonly #cards = new Map<string, NodeCard>()
  readonly #links = svg('svg', { class: 'links', 'aria-hidden': 'true' })
  readonly #labels = el('div', { class: 'link-labels' })
  readonly #quorum = el('p', { class: 'quorum' })
  readonly #rows = {
    top: el('div', { class: 'map-row top' }),
    etcd: el('div', { class: 'map-row etcd' }),
    control: el('div', { class: 'map-row control' }),
    workers: el('div', { class: 'map-row workers' }),
  }

  connectedCallback() {
    this.#abort = new AbortController()
    setAttributes(this, { role: 'region', 'aria-label': 'Map of the lab' })
    const { top, control, etcd, workers } = this.#rows
    this.replaceChildren(this.#links, top, control, this.#quorum, etcd, workers, this.#labels)
    const observer = new ResizeObserver(() => this.#drawLinks())
    observer.observe(this)
    this.#abort.signal.addEventListener('abort', () => observer.disconnect())
    subscribe(({ map }) => this.#render(map), this.#abort.signal)
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }

  #render(map: MapState | null) {
    if (map === this.#map) return
    this.#map = map
    this.toggleAttribute('data-empty', map === null)
    const present = new Set(map?.nodes.map(({ name }) => name))
    for (const [name, card] of this.#cards) {
      if (present.has(name)) continue
      card.element.remove()
      this.#cards.delete(name)
    }
    if (!map) return this.#drawLinks()
    for (const node of map.nodes) this.#card(node).update(map, node, ...cardWords(map, node))
    const quorum = map.quorum && quorumWords(map.quorum, map.lab)
    setText(this.#quorum, quorum?.words ?? '')
    setAttributes(this.#quorum, { 'data-tone': quorum?.tone })
    this.#drawLinks()
  }

  #card(node: MapNode): NodeCard {
    const known = this.#cards.get(node.name)
    if (known) return known
    const tone = node.role === 'control-plane' ? Number(node.name.split('-')[1]) : 0
    const card = new NodeCard(node, tone)
    this.#cards.set(node.name, card)
    this.#rowFor(node).append(card.element)
    return card
  }

  #rowFor({ role }: MapNode): HTMLElement {
    if (role === 'control-plane') return this.#rows.control
    if (role === 'worker') return this.#rows.workers
    return role === 'etcd' ? this.#rows.etcd : this.#rows.top
  }

  #drawLinks() {
    const elements = new Map([...this.#cards].map(([name, { element }]) => [name, element]))
    drawLinks(this, this.#links, this.#labels, this.#map, elements)
  }
}

/** Title and facts of a node's card. */
function cardWords(map: MapState, node: MapNode): [title: string, facts: string] {
  if (node.role === 'workstation') return ['workstation', 'you, kubectl']
  if (node.role !== 'load-balancer') return [node.name, node.role === 'worker' ? '' : node.address]
  const balancer = map.balancers.find(({ name }) => name === node.name)
  const up = balancer?.servers.filter((server) => server.up).length ?? 0
  const of = balancer?.servers.length ?? 0
  const alone = map.balancers.length < 2
  const title = alone ? 'load balancer lb:6443' : `balancer ${node.name}`
  const known = balancer?.servers.every((server) => server.up === null) ? 'not observed yet' : null
  const standby = balancer?.active === false ? 'standby · ' : ''
  return [title, `${standby}${known ?? `${up} of ${of} in rotation`}`]
}

customElements.define('lab-map', LabMap)
