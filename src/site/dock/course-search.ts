/** Search over Pagefind's index. Its code loads when the dialog opens for the first time. */
interface Hit {
  readonly url: string
  readonly plain_excerpt?: string
  readonly excerpt: string
  readonly meta: { readonly title?: string }
}
interface Pagefind {
  debouncedSearch(term: string): Promise<{ results: readonly { data(): Promise<Hit> }[] } | null>
}

const SHOWN = 8

class CourseSearch extends HTMLElement {
  #abort: AbortController | undefined
  #pagefind: Promise<Pagefind> | undefined

  connectedCallback() {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const button = this.querySelector<HTMLButtonElement>('.open')
    if (button) button.disabled = false
    button?.addEventListener('click', () => this.#open(), { signal })
    this.#input?.addEventListener('input', () => void this.#search(), { signal })
    document.addEventListener('keydown', (event) => this.#onKey(event), { signal })
    document.addEventListener('astro:after-swap', () => this.#dialog?.close(), { signal })
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }

  get #dialog() {
    return this.querySelector('dialog')
  }

  get #input() {
    return this.querySelector('input')
  }

  #open() {
    this.#dialog?.showModal()
    this.#input?.focus()
    const index = '/pagefind/pagefind.js'
    this.#pagefind ??= import(/* @vite-ignore */ index) as Promise<Pagefind>
  }

  #onKey(event: KeyboardEvent) {
    if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return
    // In a terminal Ctrl+K is the shell's (cut to the end of the line).
    if (event.target instanceof Element && event.target.closest('.xterm')) return
    event.preventDefault()
    if (this.#dialog?.open) this.#dialog.close()
    else this.#open()
  }

  async #search() {
    const term = this.#input?.value.trim() ?? ''
    const count = this.querySelector('.count')
    const list = this.querySelector('.hits')
    if (!count || !list || !this.#pagefind) return
    try {
      const found = await (await this.#pagefind).debouncedSearch(term)
      if (!found) return // A later key press took over.
      const hits = await Promise.all(found.results.slice(0, SHOWN).map((result) => result.data()))
      count.textContent = term === '' ? '' : words(found.results.length, term)
      list.replaceChildren(...hits.map(item))
    } catch {
      count.textContent = 'The search index could not be loaded. It exists in the built site only.'
    }
  }
}

function words(n: number, term: string): string {
  return `${n === 0 ? 'Nothing' : n === 1 ? '1 page' : `${n} pages`} found for “${term}”`
}

function item(hit: Hit): HTMLLIElement {
  const entry = document.createElement('li')
  const link = document.createElement('a')
  link.href = hit.url
  const title = document.createElement('strong')
  title.textContent = hit.meta.title ?? hit.url
  const excerpt = document.createElement('span')
  excerpt.textContent = hit.plain_excerpt ?? hit.excerpt.replaceAll(/<\/?mark>/g, '')
  link.append(title, excerpt)
  entry.append(link)
  return entry
}

customElements.define('course-search', CourseSearch)
