/** Work that runs once at a time, and once more when it was asked for meanwhile. */
export interface Coalesced {
  poke(): void
  /** Resolves when nothing is running or due. */
  idle(): Promise<void>
}

/** `work` must not reject: it has nobody to tell. */
export function coalesced(work: () => Promise<void>): Coalesced {
  let running: Promise<void> | null = null
  let again = false

  async function loop(): Promise<void> {
    try {
      do {
        again = false
        await work()
      } while (again)
    } finally {
      // At once with the look at `again`: a poke in between would be lost.
      running = null
    }
  }
  return {
    poke() {
      if (running) again = true
      else running = loop()
    },
    async idle() {
      await running
    },
  }
}
