/** With the dock open the table of lessons makes room; this button brings it back over the lesson. */
class ContentsButton extends HTMLElement {
  #abort: AbortController | undefined

  connectedCallback() {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    this.#button?.addEventListener('click', () => this.#toggle(!this.#open), { signal })
    document.addEventListener('keydown', (event) => this.#onKey(event), { signal })
    document.addEventListener('pointerdown', (event) => this.#onPointer(event), { signal })
    document.addEventListener('astro:after-swap', () => this.#toggle(false), { signal })
  }

  disconnectedCallback() {
    this.#abort?.abort()
  }

  get #button() {
    return this.querySelector('button')
  }

  get #open() {
    return this.#button?.getAttribute('aria-expanded') === 'true'
  }

  #toggle(open: boolean) {
    this.#button?.setAttribute('aria-expanded', String(open))
    document.documentElement.toggleAttribute('data-contents', open)
    if (open) document.querySelector<HTMLElement>('#starlight__sidebar a')?.focus()
  }

  #onKey(event: KeyboardEvent) {
    if (event.key !== 'Escape' || !this.#open) return
    this.#toggle(false)
    this.#button?.focus()
  }

  #onPointer(event: PointerEvent) {
    if (!this.#open || !(event.target instanceof Element)) return
    if (!event.target.closest('contents-button, #starlight__sidebar')) this.#toggle(false)
  }
}

customElements.define('contents-button', ContentsButton)
