/** A terminal: one pty, and everybody who looks at it by lab-term.v1. Knows no sockets. */
import { randomUUID } from 'node:crypto'
import type { ExitStatus, Pty } from '../engines/types.ts'
import {
  TERMINAL_CLOSE,
  type TerminalClientMessage,
  type TerminalRole,
  type TerminalServerMessage,
  type TerminalSize,
} from '../wire/terminal.ts'
import {
  createAttachment,
  type Attachment,
  type AttachmentEvents,
  type Hello,
  type TerminalClient,
} from './attachment.ts'
import { systemClock, type Clock } from './clock.ts'
import { createControl, type ControlOptions } from './control.ts'
import { createInputGate, pasteText } from './input.ts'
import { TERMINAL_LIMITS as LIMITS } from './limits.ts'
import type { Transport } from './outlet.ts'
import { createOutput } from './output.ts'

export interface TerminalSession extends Disposable {
  /** Changes with every session: offsets of another epoch mean nothing here. */
  readonly epoch: string
  readonly title: string
  readonly size: TerminalSize
  readonly exit: ExitStatus | null
  /** How many are attached now. */
  readonly attached: number
  /** The attachment has 5 s to say hello. `role` is what the guard found, never what the client says. */
  attach(transport: Transport, who: { role: TerminalRole; name?: string }): TerminalClient
  /** Title, exit, attached. */
  onChange(listener: () => void): void
  /** Ends the pty and disconnects everybody with this code (default 4410, exited). */
  close(code?: number, reason?: string): void
}

export interface SessionOptions {
  /** Its output must not have been listened to; the session owns it from now on. */
  readonly pty: Pty
  /** Until the program sets one. */
  readonly title: string
  readonly size: TerminalSize
  readonly clock?: Clock
  readonly instructors?: ControlOptions['instructors']
}

type Message<T> = Extract<TerminalClientMessage, { type: T }>

export async function createTerminalSession(options: SessionOptions): Promise<TerminalSession> {
  const { pty, clock = systemClock, instructors = 'must-ask' } = options
  const epoch = randomUUID()
  const attachments = new Set<Attachment>()
  const listeners: (() => void)[] = []
  let { title } = options
  let closed = false

  const find = (id?: string) => [...attachments].find(({ party }) => party.id === id)
  const controls = ({ party }: Attachment) => party.id === control.controller?.id
  const changed = () => {
    for (const listener of listeners) listener()
  }
  const broadcast = (message: TerminalServerMessage) => {
    for (const { say } of attachments) say(message)
  }
  const viewers = () =>
    [...attachments].filter((attachment) => !controls(attachment)).map(({ party }) => party)
  const sayViewers = () => broadcast({ type: 'viewers', viewers: viewers() })

  const control = createControl({
    clock,
    instructors,
    changed() {
      for (const { say, party } of attachments)
        say({ type: 'role', role: party.role, controller: control.controller })
      sayViewers()
      output.pace()
    },
  })
  const gate = createInputGate((bytes) => pty.write(bytes), clock)
  const output = await createOutput({
    pty,
    clock,
    size: options.size,
    title,
    attachments,
    controller: () => find(control.controller?.id),
    titled(next) {
      title = next || options.title
      broadcast({ type: 'title', title })
      changed()
    },
    ended() {
      gate.stop()
      changed()
    },
  })

  // Size: the controller's, at most ten times a second.
  let wanted: TerminalSize | null = null
  const wantSize = (next: TerminalSize) => {
    // A hidden page has no size.
    if (next.cols === 0 || next.rows === 0) return
    if (wanted === null) {
      clock.after(LIMITS.resizeMs, () => {
        if (wanted !== null && !closed) output.resize(clampSize(wanted))
        wanted = null
      })
    }
    wanted = next
  }

  // Somebody comes.
  const canResume = ({ resume, cols, rows }: Hello) =>
    resume?.epoch === epoch &&
    resume.offset >= Math.max(output.ring.start, output.sizedAt) &&
    resume.offset <= output.ring.end &&
    cols === output.size.cols &&
    rows === output.size.rows

  const hello = (attachment: Attachment, message: Hello) => {
    const { party } = attachment
    const hung = message.resume?.you === undefined ? undefined : find(message.resume.you)
    // Nothing was put out yet: the first prompt may as well have the right width.
    const first = output.ring.end === 0 && attachments.size === 0 && party.role === 'learner'
    if (first && message.cols > 0 && message.rows > 0) output.resize(clampSize(message))
    // The others hear of it first: to somebody new, nothing comes before the welcome.
    if (hung?.party.role === party.role) {
      control.replace(hung.party.id, party)
      hung.end(TERMINAL_CLOSE.replaced, 'replaced')
    } else control.join(party, message.want)
    attachments.add(attachment)
    output.pace()
    welcome(attachment)
    if (canResume(message) && message.resume) {
      attachment.outlet.resumeAt(message.resume.offset)
      attachment.answersFrom = output.ring.end
      output.serve(attachment)
    } else output.refresh(attachment)
    sayViewers()
    changed()
  }
  const welcome = ({ say, party }: Attachment) => {
    const { inputBytes, ackEveryBytes, ackAfterMs } = LIMITS
    say({
      type: 'welcome',
      epoch,
      offset: output.ring.end,
      ...output.size,
      you: party.id,
      role: party.role,
      controller: control.controller,
      viewers: viewers(),
      limits: { inputBytes, ackEveryBytes, ackAfterMs },
      // A lab on one's own machine is not closed behind one's back.
      idleAt: null,
    })
    say({ type: 'title', title })
  }

  // Somebody types, or asks to.
  const type = (bytes: Uint8Array) => {
    if (output.exit) return
    output.expectEcho()
    control.used()
    gate.push(bytes)
  }
  const run = ({ say }: Attachment, { text, enter }: Message<'run'>) => {
    const { alternate, bracketedPaste } = output.mirror
    if (alternate && !bracketedPaste) {
      return say({
        type: 'error',
        code: 'full-screen-program',
        message: 'A full-screen program has the terminal: quit it first.',
        retry: true,
      })
    }
    const pasted = pasteText(text, bracketedPaste ? 'bracketed' : 'plain')
    type(Buffer.from(enter && !alternate ? `${pasted}\r` : pasted))
  }
  const seat = ({ party, say }: Attachment, { op }: Message<'control'>) => {
    switch (op) {
      case 'take':
        return control.take(party.id)
      case 'grant':
        return control.grant(party.id)
      case 'release':
        return control.release(party.id)
      case 'deny':
        return find(control.deny(party.id)?.id)?.say({ type: 'control', op, from: party })
      case 'request': {
        const asked = find(control.request(party.id)?.id)
        if (asked) asked.say({ type: 'control', op, from: party })
        else say({ type: 'role', role: party.role, controller: control.controller })
      }
    }
  }

  const events: AttachmentEvents = {
    hello,
    message(attachment, message) {
      if (message.type === 'ping') attachment.say({ type: 'pong', t: message.t })
      else if (message.type === 'control') seat(attachment, message)
      else if (!controls(attachment)) return
      else if (message.type === 'resize') wantSize(message)
      else run(attachment, message)
    },
    // Dropped for everybody else, whatever their page shows.
    input: (attachment, bytes) => controls(attachment) && type(bytes),
    ack(attachment, offset) {
      if (attachment.outlet.ack(offset)) output.refresh(attachment)
      else output.serve(attachment)
    },
    gone(attachment) {
      attachments.delete(attachment)
      control.leave(attachment.party.id)
      sayViewers()
      output.pace()
      changed()
    },
  }

  const close = (code: number = TERMINAL_CLOSE.exited, reason = 'closed') => {
    if (closed) return
    closed = true
    for (const attachment of [...attachments]) attachment.end(code, reason)
    gate.stop()
    output.stop()
    pty[Symbol.dispose]()
  }

  return {
    epoch,
    get title() {
      return title
    },
    get size() {
      return output.size
    },
    get exit() {
      return output.exit
    },
    get attached() {
      return attachments.size
    },
    attach(transport, { role, name }) {
      const party = { id: randomUUID(), role, ...(name !== undefined && { name }) }
      const { ring, frameOf } = output
      return createAttachment({ party, transport, ring, frameOf, clock, events })
    },
    onChange: (listener) => void listeners.push(listener),
    close,
    [Symbol.dispose]: () => close(),
  }
}

function clampSize({ cols, rows }: TerminalSize): TerminalSize {
  const clamp = (value: number, { min, max }: { min: number; max: number }) =>
    Math.min(max, Math.max(min, value))
  return { cols: clamp(cols, LIMITS.cols), rows: clamp(rows, LIMITS.rows) }
}
