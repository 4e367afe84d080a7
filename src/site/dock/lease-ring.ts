/** A ring that drains as a lease runs out: full at each renewal, empty when anybody may take over. */
import { svg } from './dom.ts'

const RADIUS = 6.2
const ROUND = 2 * Math.PI * RADIUS
const STILL = matchMedia('(prefers-reduced-motion: reduce)')

export class LeaseRing {
  readonly element = svg('svg', {
    class: 'lease-ring',
    viewBox: '-8 -8 16 16',
    width: '16',
    height: '16',
    'aria-hidden': 'true',
  })
  readonly #arc = svg('circle', {
    class: 'arc',
    r: String(RADIUS),
    transform: 'rotate(-90)',
    'stroke-dasharray': String(ROUND),
  })
  #animation: Animation | undefined
  #renewedMs = -1

  constructor() {
    this.element.append(svg('circle', { class: 'track', r: String(RADIUS) }), this.#arc)
  }

  /** `left` from 0 to 1, drained over `leftMs`; a ring whose lease was not renewed is left to drain. */
  drain(left: number, leftMs: number, renewedMs: number) {
    if (renewedMs === this.#renewedMs && !STILL.matches) return
    this.#renewedMs = renewedMs
    this.#animation?.cancel()
    const from = ROUND * (1 - left)
    this.#arc.setAttribute('stroke-dashoffset', String(from))
    if (STILL.matches) return
    this.#animation = this.#arc.animate([{ strokeDashoffset: from }, { strokeDashoffset: ROUND }], {
      duration: Math.max(leftMs, 1),
      fill: 'forwards',
    })
  }

  /** For a leader without a lease (etcd): held until it is not. */
  hold() {
    this.#renewedMs = -1
    this.#animation?.cancel()
    this.#arc.setAttribute('stroke-dashoffset', '0')
  }
}
