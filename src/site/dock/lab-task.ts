/** A task in the lesson's text: readable as it stands, with its verdict once a lab runs. */
import { subscribe } from './store.ts'
import { TaskCard } from './task-card.ts'

class LabTask extends HTMLElement {
  #abort: AbortController | undefined

  connectedCallback() {
    if (this.#abort) return
    this.#abort = new AbortController()
    const { task = '' } = this.dataset
    const title = this.querySelector('.task-title')?.textContent.trim() ?? task
    const prose = [...(this.querySelector('.task-prose')?.childNodes ?? [])]
    const card = new TaskCard(task, title, 'h3', prose)
    this.replaceChildren(card.element)
    subscribe((state) => card.update(state), this.#abort.signal)
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }
}

customElements.define('lab-task', LabTask)
