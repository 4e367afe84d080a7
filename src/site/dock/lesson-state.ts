/** On the front page: whether a lesson's lab is running, passed, or still to do. */
import { setAttributes, setText } from './dom.ts'
import { subscribe } from './store.ts'

class LessonState extends HTMLElement {
  #abort: AbortController | undefined

  connectedCallback() {
    this.#abort = new AbortController()
    const { lab = '' } = this.dataset
    subscribe(({ session, passedLabs, otherRuns, run }) => {
      if (session !== 'open') return
      const runs = run ? [run, ...otherRuns] : otherRuns
      const running = runs.some((other) => other.lab === lab)
      const state = passedLabs.includes(lab) ? 'passed' : running ? 'running' : 'to do'
      setText(this, state)
      setAttributes(this, { 'data-state': state })
    }, this.#abort.signal)
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }
}

customElements.define('lesson-state', LessonState)
