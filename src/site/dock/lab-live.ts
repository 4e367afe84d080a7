/** The running lab: map above, what happened last in a line, terminals and tasks below. Loaded on demand. */
import styles from '../styles/live.css?inline'
import './lab-map.ts'
import './lab-panels.ts'
import { adoptStyles } from './adopt-styles.ts'
import { draggable } from './draggable.ts'
import { el, setAttributes, setText } from './dom.ts'
import { readSetting, writeSetting } from './settings.ts'
import { subscribe } from './store.ts'

adoptStyles(styles)

/** Height of the map, in percent of the window; until the reader says otherwise it takes what it needs. */
const MAP_SHARE = { min: 15, max: 75, start: 45 }

class LabLive extends HTMLElement {
  #abort: AbortController | undefined

  connectedCallback() {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const map = el('div', { class: 'live-map' }, document.createElement('lab-map'))
    const news = el('p', { class: 'news', role: 'status' })
    this.replaceChildren(map, news, this.#edge(signal), document.createElement('lab-panels'))
    const share = Number(readSetting('map-height'))
    if (share) this.#apply(share)
    subscribe((state) => setText(news, state.news), signal)
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }

  #edge(signal: AbortSignal): HTMLElement {
    const edge = el('div', { class: 'live-edge', role: 'separator', tabindex: '0' })
    setAttributes(edge, {
      'aria-orientation': 'horizontal',
      'aria-label': 'Height of the map',
      'aria-valuemin': String(MAP_SHARE.min),
      'aria-valuemax': String(MAP_SHARE.max),
      'aria-valuenow': readSetting('map-height') ?? String(MAP_SHARE.start),
    })
    draggable(edge, {
      ...MAP_SHARE,
      axis: 'y',
      apply: (percent) => {
        writeSetting('map-height', String(percent))
        this.#apply(percent)
      },
      measure: ({ clientY }) => ((clientY - this.getBoundingClientRect().top) / innerHeight) * 100,
      signal,
    })
    return edge
  }

  #apply(percent: number) {
    this.style.setProperty('--map-height', `${percent}vh`)
  }
}

customElements.define('lab-live', LabLive)
