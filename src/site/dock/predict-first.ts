/** A prediction: chosen before the experiment, kept, and compared with what came out. */
import { el } from './dom.ts'
import { readSetting, writeSetting } from './settings.ts'
import { type LabState, subscribe } from './store.ts'

class PredictFirst extends HTMLElement {
  #abort: AbortController | undefined
  #state: LabState | undefined

  connectedCallback() {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const before = readSetting(this.#key)
    for (const radio of this.querySelectorAll('input')) radio.checked = radio.value === before
    this.addEventListener(
      'change',
      ({ target }) => {
        if (!(target instanceof HTMLInputElement)) return
        writeSetting(this.#key, target.value)
        this.#compare()
      },
      { signal },
    )
    subscribe((state) => {
      this.#state = state
      this.#compare()
    }, signal)
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }

  get #key() {
    return `predict:${location.pathname}${this.dataset.predict ?? ''}` as const
  }

  /** What came out is told only after a choice, and after the task that shows it. */
  #compare() {
    const choice = readSetting(this.#key)
    const { task, answer } = this.dataset
    const seen =
      task === undefined ||
      this.#state?.results?.tasks.some(({ id, status }) => id === task && status === 'pass')
    const outcome = this.querySelector<HTMLElement>('.predict-outcome')
    if (!outcome) return
    outcome.hidden = choice === null || !seen
    const words = outcome.querySelector('.predict-words')
    if (!words || outcome.hidden) return
    const right = answer === undefined ? '' : answer === choice ? ': right.' : `: it is ${answer}.`
    words.replaceChildren('You predicted ', el('strong', {}, choice ?? ''), right || '.')
  }
}

customElements.define('predict-first', PredictFirst)
