/** What goes into a pty: held to a rate, and pastes made the way a terminal makes them. */
import { HalabError } from '../errors.ts'
import { createBucket } from './bucket.ts'
import type { Clock } from './clock.ts'
import { TERMINAL_LIMITS } from './limits.ts'

export interface InputGate {
  /** In order; throws `input-rate` when more waits than the limit allows. */
  push(bytes: Uint8Array): void
  stop(): void
}

export function createInputGate(write: (bytes: Uint8Array) => void, clock: Clock): InputGate {
  const bucket = createBucket(TERMINAL_LIMITS.inputBytesPerSecond, clock)
  let queue: Uint8Array[] = []
  let queuedBytes = 0
  let cancel: (() => void) | null = null

  const drain = () => {
    cancel = null
    while (queue.length > 0) {
      const waitMs = bucket.waitMs()
      if (waitMs > 0) {
        cancel = clock.after(waitMs, drain)
        return
      }
      const [bytes] = queue.splice(0, 1)
      if (!bytes) return
      queuedBytes -= bytes.length
      bucket.take(bytes.length)
      write(bytes)
    }
  }

  return {
    push(bytes) {
      if (queuedBytes + bytes.length > TERMINAL_LIMITS.inputQueueBytes)
        throw new HalabError('input-rate', 'More was typed or pasted than a terminal takes', {
          hint: 'Paste large texts in parts, or write them to a file.',
        })
      queue.push(bytes)
      queuedBytes += bytes.length
      if (!cancel) drain()
    },
    stop() {
      cancel?.()
      queue = []
    },
  }
}

export type PasteMode = 'bracketed' | 'plain'

/**
 * As xterm's own paste: line ends are the Enter key's. Control characters but tab and newline are
 * left out, so that no text can end its own bracket.
 */
export function pasteText(text: string, mode: PasteMode): string {
  const typed = text
    .replace(/\r?\n/g, '\r')

    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu, '')
  return mode === 'bracketed' ? `\x1b[200~${typed}\x1b[201~` : typed
}
