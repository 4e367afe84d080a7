/** A worker's Pods: a dot each, filled when ready, a ring when not, dashed when simulated; then words. */
import type { MapNode, MapPod } from '../../wire/state.ts'
import { el, setText } from './dom.ts'

const SHOWN = 12

export class PodDots {
  readonly element = el('span', { class: 'pods' })
  readonly #dots = el('span', { class: 'pod-dots', 'aria-hidden': 'true' })
  readonly #words = el('span', { class: 'pod-words' })

  constructor() {
    this.element.append(this.#dots, this.#words)
  }

  update({ pods }: MapNode) {
    const shown = [...pods].sort((a, b) => a.name.localeCompare(b.name)).slice(0, SHOWN)
    const dots = [...this.#dots.children]
    shown.forEach((pod, index) => paint(dots[index] ?? this.#add(), pod))
    for (const dot of dots.slice(shown.length)) dot.remove()
    setText(this.#words, podWords(pods))
  }

  #add(): Element {
    const dot = el('i')
    this.#dots.append(dot)
    return dot
  }
}

function paint(dot: Element, pod: MapPod) {
  const words = pod.ready ? 'ready' : pod.phase
  dot.className = pod.ready ? 'ready' : 'waiting'
  dot.toggleAttribute('data-simulated', pod.simulated)
  dot.setAttribute(
    'title',
    `${pod.namespace}/${pod.name}: ${words}${pod.simulated ? ', simulated' : ''}`,
  )
}

/** `5 Pods`, `4 of 5 Pods ready`, `5 Pods, 2 simulated`. */
export function podWords(pods: readonly MapPod[]): string {
  const ready = pods.filter((pod) => pod.ready).length
  const simulated = pods.filter((pod) => pod.simulated).length
  const noun = pods.length === 1 ? 'Pod' : 'Pods'
  const count =
    ready === pods.length ? `${pods.length} ${noun}` : `${ready} of ${pods.length} ${noun} ready`
  return simulated > 0 ? `${count}, ${simulated} simulated` : count
}
