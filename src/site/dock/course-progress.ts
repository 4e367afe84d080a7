/** How many of the course's labs are done, in the header. */
import { setText } from './dom.ts'
import { subscribe } from './store.ts'

class CourseProgress extends HTMLElement {
  #abort: AbortController | undefined

  connectedCallback() {
    this.#abort = new AbortController()
    const labs = (this.dataset.labs ?? '').split(' ').filter(Boolean)
    const words = this.querySelector('.words')
    subscribe(({ session, passedLabs }) => {
      if (session !== 'open' || !words) return
      const done = labs.filter((lab) => passedLabs.includes(lab)).length
      setText(words, `${done} of ${labs.length} labs`)
      this.style.setProperty('--share', String(labs.length === 0 ? 0 : done / labs.length))
    }, this.#abort.signal)
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }
}

customElements.define('course-progress', CourseProgress)
