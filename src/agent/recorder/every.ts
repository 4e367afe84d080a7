/** Asks again and again, one question in flight at a time, on a steady beat. */
export function every(ms: number, ask: () => Promise<void>, signal: AbortSignal): void {
  let busy = false
  const beat = () => {
    if (busy) return
    busy = true
    void ask()
      .catch((error: unknown) => console.error('recorder:', error))
      .finally(() => (busy = false))
  }
  const timer = setInterval(beat, ms)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  if (signal.aborted) clearInterval(timer)
  else beat()
}
