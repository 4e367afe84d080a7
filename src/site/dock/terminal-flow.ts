/**
 * What of a terminal's output was received, what the screen has parsed, and what was acknowledged:
 * the client's half of lab-term.v1's flow control. Offsets are bytes since the session's epoch began.
 */
import type { TerminalWelcome } from '../../wire/terminal.ts'

interface FlowScreen {
  /** Calls `parsed` once the bytes are on the screen, in the order of writing. */
  write(bytes: Uint8Array, parsed: () => void): void
}

type AckLimits = Pick<TerminalWelcome['limits'], 'ackEveryBytes' | 'ackAfterMs'>

export class TerminalFlow {
  readonly #screen: FlowScreen
  readonly #sendAck: (offset: number) => void
  #limits: AckLimits = { ackEveryBytes: 32_768, ackAfterMs: 16 }
  #received = 0
  #parsed = 0
  #acked = 0
  #replayUpTo = 0
  #snapshotParts = 0
  #quiet: ReturnType<typeof setTimeout> | undefined

  constructor(screen: FlowScreen, sendAck: (offset: number) => void) {
    this.#screen = screen
    this.#sendAck = sendAck
  }

  /** From where a new connection may go on. */
  get parsed() {
    return this.#parsed
  }

  /** What the emulator answers to replayed queries must not be sent: the program asked long ago. */
  get replaying() {
    return this.#snapshotParts > 0 || this.#parsed < this.#replayUpTo
  }

  /** At each welcome. `upTo`: bytes put out so far, all of which are replay. */
  begin(session: 'new' | 'same', upTo: number, limits: AckLimits) {
    if (session === 'new') this.#received = this.#parsed = 0
    this.#acked = this.#parsed
    this.#replayUpTo = upTo
    this.#snapshotParts = 0
    this.#limits = limits
  }

  expectSnapshot(parts: number) {
    this.#snapshotParts = parts
    this.#parsed = 0
    // Acknowledged in any case, even where it ends at an offset that was acknowledged before.
    this.#acked = -1
  }

  /** After a resume the first bytes may have arrived before: those are not shown twice. */
  output(offset: number, payload: Uint8Array) {
    const end = offset + payload.length
    const fresh = payload.subarray(Math.max(0, this.#received - offset))
    this.#received = Math.max(this.#received, end)
    this.#screen.write(fresh, () => this.#onParsed(end))
  }

  /** `offset`: how far the output is once all parts are shown; then `complete` is called. */
  snapshotPart(offset: number, payload: Uint8Array, complete: () => void) {
    this.#received = offset
    this.#screen.write(payload, () => {
      this.#snapshotParts -= 1
      if (this.#snapshotParts > 0) return
      this.#onParsed(offset)
      complete()
    })
  }

  /** The connection is gone: nobody waits for an acknowledgement. */
  stop() {
    clearTimeout(this.#quiet)
  }

  #onParsed(offset: number) {
    this.#parsed = Math.max(this.#parsed, offset)
    if (this.#parsed - this.#acked >= this.#limits.ackEveryBytes) return this.#ack()
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#ack(), this.#limits.ackAfterMs)
  }

  #ack() {
    clearTimeout(this.#quiet)
    if (this.#parsed === this.#acked) return
    this.#acked = this.#parsed
    this.#sendAck(this.#acked)
  }
}
