/** What the page remembers of a reader's wishes in this browser. Storage may be forbidden: then nothing. */
type Setting =
  'dock' | 'lesson-width' | 'map-height' | 'font-size' | 'screen-reader' | `predict:${string}`

export function readSetting(name: Setting): string | null {
  try {
    return localStorage.getItem(`halab:${name}`)
  } catch {
    return null
  }
}

export function writeSetting(name: Setting, value: string) {
  try {
    localStorage.setItem(`halab:${name}`, value)
  } catch {
    // Private windows may refuse: the wish then holds for this page only.
  }
}
