/** What the page says about itself in its head; it changes under elements that outlive the page. */
function meta(name: string): string | null {
  return document.querySelector<HTMLMetaElement>(`meta[name="halab:${name}"]`)?.content ?? null
}

export interface PageFacts {
  readonly lab: string | null
  readonly lesson: string | null
  readonly module: string | null
  readonly title: string | null
}

export function pageFacts(): PageFacts {
  return { lab: meta('lab'), lesson: meta('lesson'), module: meta('module'), title: meta('title') }
}

/** Calls now and after each swap by the router. */
export function onPage(listener: (page: PageFacts) => void, signal: AbortSignal) {
  listener(pageFacts())
  document.addEventListener('astro:after-swap', () => listener(pageFacts()), { signal })
}
