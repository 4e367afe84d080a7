/** The small signs of the map. */
import { setAttributes, svg } from './dom.ts'
import type { Glyph } from './map-words.ts'

const SHAPES: Readonly<Record<Glyph, string>> = {
  dot: 'M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9',
  ring: 'M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8',
  cross: 'M2 2l8 8m0-8l-8 8',
  bars: 'M3.6 2v8M8.4 2v8',
  unknown: 'M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8',
}

export function glyph(): SVGSVGElement {
  return svg(
    'svg',
    { class: 'glyph', viewBox: '0 0 12 12', width: '12', height: '12', 'aria-hidden': 'true' },
    svg('path'),
  )
}

export function setGlyph(element: SVGSVGElement, shape: Glyph) {
  setAttributes(element, { 'data-shape': shape })
  const path = element.firstElementChild
  if (path) setAttributes(path, { d: SHAPES[shape] })
}
