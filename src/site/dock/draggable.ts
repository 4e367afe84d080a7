/** A separator between two panes: by pointer, arrow keys, Home and End. Values are percent of the window. */
interface Draggable {
  readonly axis: 'x' | 'y'
  readonly min: number
  readonly max: number
  /** Where a double click puts it back. */
  readonly start: number
  /** Called with each new value; whole percent. */
  readonly apply: (percent: number) => void
  /** Percent at a pointer's position; the whole window by default. */
  readonly measure?: (event: PointerEvent) => number
  readonly signal: AbortSignal
}

const KEY_STEP = 2

export function draggable(separator: HTMLElement, options: Draggable) {
  const { axis, min, max, signal } = options
  const move = (percent: number) => {
    const value = Math.round(Math.min(max, Math.max(min, percent)))
    separator.setAttribute('aria-valuenow', String(value))
    options.apply(value)
  }
  const measure =
    options.measure ??
    ((event: PointerEvent) =>
      axis === 'x' ? (event.clientX / innerWidth) * 100 : (event.clientY / innerHeight) * 100)

  separator.addEventListener(
    'pointerdown',
    (event) => {
      event.preventDefault()
      separator.setPointerCapture(event.pointerId)
      separator.dataset.dragging = ''
    },
    { signal },
  )
  separator.addEventListener(
    'pointermove',
    (event) => {
      if (separator.hasPointerCapture(event.pointerId)) move(measure(event))
    },
    { signal },
  )
  separator.addEventListener('lostpointercapture', () => delete separator.dataset.dragging, {
    signal,
  })
  separator.addEventListener('dblclick', () => move(options.start), { signal })
  separator.addEventListener(
    'keydown',
    (event) => {
      const now = Number(separator.getAttribute('aria-valuenow'))
      const next = keyTarget(event.key, now, options)
      if (next === null) return
      event.preventDefault()
      move(next)
    },
    { signal },
  )
}

function keyTarget(key: string, now: number, { axis, min, max }: Draggable): number | null {
  const [less, more] = axis === 'x' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
  if (key === less) return now - KEY_STEP
  if (key === more) return now + KEY_STEP
  if (key === 'Home') return min
  if (key === 'End') return max
  return null
}
