/** Draws the lines between cards, measured where the cards stand: any topology, any width. */
import type { MapState } from '../../wire/state.ts'
import { el, setAttributes, svg } from './dom.ts'
import { type Link, linksOf } from './map-words.ts'

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export function drawLinks(
  frame: HTMLElement,
  canvas: SVGSVGElement,
  labels: HTMLElement,
  map: MapState | null,
  cards: ReadonlyMap<string, HTMLElement>,
) {
  const origin = frame.getBoundingClientRect()
  setAttributes(canvas, { width: String(origin.width), height: String(frame.scrollHeight) })
  const box = (element: Element): Box => {
    const { left, right, top, bottom } = element.getBoundingClientRect()
    const [x, y] = [origin.left - frame.scrollLeft, origin.top - frame.scrollTop]
    return { left: left - x, right: right - x, top: top - y, bottom: bottom - y }
  }
  const links = map ? linksOf(map) : []
  const fan = links.filter(({ kind }) => kind === 'rotation')
  const paths: SVGElement[] = []
  const words: HTMLElement[] = []
  for (const link of links) {
    const [from, to] = [cards.get(link.from), cards.get(link.to)]
    if (!from || !to) continue
    const spread = link.kind === 'rotation' ? fan.indexOf(link) - (fan.length - 1) / 2 : 0
    const drawn = route(link, from, to, box, spread)
    paths.push(svg('path', { d: drawn.d, class: `link ${link.kind}`, 'data-state': link.state }))
    if (link.label) words.push(linkLabel(link, drawn.x, drawn.y))
  }
  canvas.replaceChildren(...paths)
  labels.replaceChildren(...words)
}

interface Route {
  readonly d: string
  /** Where its label stands. */
  readonly x: number
  readonly y: number
}

/** Pixels between the feet of the balancer's lines. */
const FAN_PX = 30

function route(
  link: Link,
  from: HTMLElement,
  to: HTMLElement,
  box: (element: Element) => Box,
  spread: number,
): Route {
  const [a, b] = [box(from), box(to)]
  if (link.kind === 'entry') {
    const y = (a.top + a.bottom) / 2
    return { d: `M${a.right} ${y}H${b.left}`, x: (a.right + b.left) / 2, y: y - 18 }
  }
  if (link.kind === 'peer') {
    const row = (card: HTMLElement) => box(card.querySelector('[data-component=etcd]') ?? card)
    const [ra, rb] = [row(from), row(to)]
    const [ya, yb] = [(ra.top + ra.bottom) / 2, (rb.top + rb.bottom) / 2]
    return { d: `M${a.right} ${ya}L${b.left} ${yb}`, x: (a.right + b.left) / 2, y: ya }
  }
  const [x1, x2] = [(a.left + a.right) / 2 + spread * FAN_PX, (b.left + b.right) / 2]
  const bend = (b.top - a.bottom) * 0.75
  const curve = `M${x1} ${a.bottom}C${x1} ${a.bottom + bend} ${x2} ${b.top - bend} ${x2} ${b.top}`
  return { d: curve, x: x2 + Math.sign(x1 - x2) * 12, y: b.top - 20 }
}

function linkLabel({ kind, state, label }: Link, x: number, y: number): HTMLElement {
  const words = el('span', { class: `link-label ${kind}`, 'data-state': state }, label)
  words.style.left = `${x}px`
  words.style.top = `${y}px`
  return words
}
