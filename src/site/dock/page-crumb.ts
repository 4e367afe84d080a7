import { onPage } from './page.ts'

/** Where the reader is, in the header, which the router does not replace. */
class PageCrumb extends HTMLElement {
  #abort: AbortController | undefined

  connectedCallback() {
    this.#abort = new AbortController()
    onPage(({ module, title }) => {
      this.textContent = module && title ? `${module} / ${title}` : ''
    }, this.#abort.signal)
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }
}

customElements.define('page-crumb', PageCrumb)
