/** One connection to a terminal: what it may say when, and how it ends. No terminal logic here. */
import { errorBody, HalabError } from '../errors.ts'
import {
  TERMINAL_CLOSE,
  type TerminalClientMessage,
  type TerminalParty,
  type TerminalServerMessage,
} from '../wire/terminal.ts'
import type { Clock } from './clock.ts'
import { decodeFrame, FRAME } from './codec.ts'
import { TERMINAL_LIMITS } from './limits.ts'
import { parseClientMessage } from './messages.ts'
import { createOutlet, type FrameOf, type Outlet, type Transport } from './outlet.ts'
import type { Ring } from './ring.ts'

export type Hello = Extract<TerminalClientMessage, { type: 'hello' }>

/** What the owner of the connection calls. */
export interface TerminalClient {
  receiveText(text: string): void
  receiveBinary(bytes: Uint8Array): void
  /** The connection is gone. */
  closed(): void
}

export interface Attachment extends TerminalClient {
  readonly party: TerminalParty
  readonly outlet: Outlet
  /** It has said hello and is not closed. */
  readonly here: boolean
  /** Offset from which its own emulator answers queries of the program. */
  answersFrom: number
  say(message: TerminalServerMessage): void
  end(code: number, reason: string): void
}

/** What a session does with what an attachment hears. Errors thrown here end the attachment. */
export interface AttachmentEvents {
  hello(attachment: Attachment, hello: Hello): void
  message(attachment: Attachment, message: Exclude<TerminalClientMessage, Hello>): void
  input(attachment: Attachment, bytes: Uint8Array): void
  ack(attachment: Attachment, offset: number): void
  /** Once, however it ended, and only if it had said hello. */
  gone(attachment: Attachment): void
}

export interface AttachmentOptions {
  readonly party: TerminalParty
  readonly transport: Transport
  readonly ring: Ring
  readonly frameOf: FrameOf
  readonly clock: Clock
  readonly events: AttachmentEvents
}

export function createAttachment(options: AttachmentOptions): Attachment {
  const { party, transport, ring, frameOf, clock, events } = options
  let phase: 'new' | 'here' | 'gone' = 'new'

  const say = (message: TerminalServerMessage) => {
    if (phase !== 'gone') transport.sendText(JSON.stringify(message))
  }
  const leave = () => {
    cancelHello()
    const was = phase
    phase = 'gone'
    if (was === 'here') events.gone(attachment)
  }
  const end = (code: number, reason: string) => {
    if (phase === 'gone') return
    leave()
    transport.close(code, reason)
  }
  const cancelHello = clock.after(TERMINAL_LIMITS.helloMs, () =>
    end(TERMINAL_CLOSE.protocol, 'no hello'),
  )
  /** A client that breaks the protocol is told how, then disconnected: nothing it says can be trusted. */
  const guarded = (run: () => void) => {
    if (phase === 'gone') return
    if (transport.bufferedAmount() > TERMINAL_LIMITS.bufferedBytes)
      return end(TERMINAL_CLOSE.tooBig, 'too slow')
    try {
      run()
    } catch (error) {
      const { code, message } = errorBody(error)
      say({ type: 'error', code, message, retry: false })
      if (code === 'forbidden') return
      end(CLOSE_OF[code] ?? TERMINAL_CLOSE.protocol, code)
    }
  }

  const attachment: Attachment = {
    party,
    outlet: createOutlet(ring, frameOf, transport, say),
    answersFrom: Infinity,
    get here() {
      return phase === 'here'
    },
    say,
    end,
    closed: leave,
    receiveText: (text) =>
      guarded(() => {
        if (text.length > TERMINAL_LIMITS.messageBytes)
          throw new HalabError('too-big', 'A control message may have 64 KiB')
        const message = parseClientMessage(text)
        if (message.type === 'hello') {
          if (phase !== 'new') throw new HalabError('bad-message', 'hello may be said once')
          phase = 'here'
          cancelHello()
          events.hello(attachment, message)
        } else {
          if (phase === 'new')
            throw new HalabError('bad-message', 'The first message must be hello')
          events.message(attachment, message)
        }
      }),
    receiveBinary: (bytes) =>
      guarded(() => {
        if (phase === 'new') throw new HalabError('bad-message', 'The first message must be hello')
        const frame = decodeFrame(bytes)
        if (frame.type === FRAME.ack) return events.ack(attachment, frame.offset)
        if (frame.type !== FRAME.input)
          throw new HalabError('bad-frame', 'Only a server sends such a frame')
        if (frame.payload.length > TERMINAL_LIMITS.inputBytes)
          throw new HalabError('too-big', 'An INPUT frame may carry 32 KiB')
        events.input(attachment, frame.payload)
      }),
  }
  return attachment
}

const CLOSE_OF: Readonly<Record<string, number>> = {
  'too-big': TERMINAL_CLOSE.tooBig,
  'input-rate': TERMINAL_CLOSE.rate,
}
