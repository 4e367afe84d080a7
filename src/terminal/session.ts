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
import { createAttachment, type Attachment, type Hello, type TerminalClient } from './attachment.ts'
import { createBucket } from './bucket.ts'
import { systemClock, type Clock } from './clock.ts'
import { createControl, type ControlOptions } from './control.ts'
import { createHold } from './hold.ts'
import { createInputGate, pasteText } from './input.ts'
import { TERMINAL_LIMITS as LIMITS } from './limits.ts'
import { createMirror } from './mirror.ts'
import { createFramer, type Transport } from './outlet.ts'
import { createRing } from './ring.ts'

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
  // Before anything is awaited: what the pty says meanwhile must not be lost.
  const early: Uint8Array[] = []
  let receive = (chunk: Uint8Array) => void early.push(chunk)
  pty.onData((chunk) => receive(chunk))

  const epoch = randomUUID()
  const ring = createRing(LIMITS.ringBytes)
  const frameOf = createFramer(ring)
  const hold = createHold(pty, clock)
  const attachments = new Set<Attachment>()
  const listeners: (() => void)[] = []
  let { title, size } = options
  /** Offset at which the size last changed: what was put out before was laid out for another. */
  let sizedAt = 0
  let exit: ExitStatus | null = null

  const mirror = await createMirror(size, {
    answer(text) {
      const own = controller()
      if (!own || mirror.parsed < own.answersFrom) pty.write(Buffer.from(text))
    },
    title(next) {
      title = next || options.title
      broadcast({ type: 'title', title })
      changed()
    },
    parsed() {
      if (mirror.pending < LIMITS.mirrorResumeBelowBytes) hold.clear('mirror')
    },
  })
  const control = createControl({ clock, instructors, changed: () => sayRoles() })
  const gate = createInputGate((bytes) => pty.write(bytes), clock)
  const unattended = createBucket(LIMITS.unattendedBytesPerSecond, clock)

  const controller = () => find(control.controller?.id)
  const find = (id?: string) => [...attachments].find(({ party }) => party.id === id)
  const viewers = () =>
    [...attachments].map(({ party }) => party).filter(({ id }) => id !== control.controller?.id)
  const broadcast = (message: TerminalServerMessage) => {
    for (const attachment of attachments) attachment.say(message)
  }
  const changed = () => listeners.forEach((listener) => listener())
  const sayViewers = () => broadcast({ type: 'viewers', viewers: viewers() })
  const sayRoles = () => {
    for (const { say, party } of attachments)
      say({ type: 'role', role: party.role, controller: control.controller })
    sayViewers()
    pace()
  }

  // Output -------------------------------------------------------------------------------------
  let cancelBatch: (() => void) | null = null
  let batched = 0
  /** Somebody just typed: what comes next is probably the echo, and must not wait for a batch. */
  let echoDue = false

  receive = (chunk) => {
    hold.read()
    ring.push(chunk)
    mirror.write(chunk)
    if (mirror.pending > LIMITS.mirrorPauseAboveBytes) hold.set('mirror')
    if (attachments.size === 0) throttle(chunk.length)
    batched += chunk.length
    if (echoDue || batched >= LIMITS.batchBytes) flush()
    else cancelBatch ??= clock.after(LIMITS.batchMs, flush)
  }
  const flush = () => {
    cancelBatch?.()
    cancelBatch = null
    batched = 0
    echoDue = false
    for (const attachment of attachments) flushTo(attachment)
    pace()
  }
  const flushTo = (attachment: Attachment) => {
    const controls = attachment.party.id === control.controller?.id
    if (attachment.outlet.flush(exit ? 'all' : controls ? 'paced' : 'dropped')) refresh(attachment)
  }
  /** The controller's window decides whether the pty is read; viewers never do. */
  const pace = () => {
    const unacked = controller()?.outlet.unacked ?? 0
    if (unacked > LIMITS.pauseAboveBytes) hold.set('controller')
    else if (unacked < LIMITS.resumeBelowBytes) hold.clear('controller')
  }
  const throttle = (bytes: number) => {
    unattended.take(bytes)
    const waitMs = unattended.waitMs()
    if (waitMs === 0) return
    hold.set('unattended')
    clock.after(waitMs, () => hold.clear('unattended'))
  }
  const refresh = (attachment: Attachment) => {
    void mirror.snapshot().then((snapshot) => {
      if (!attachment.here) return
      // So much came in between that its beginning is lost: take another.
      if (snapshot.offset < ring.start) return refresh(attachment)
      attachment.outlet.show({ ...snapshot, title })
      attachment.answersFrom = Math.min(attachment.answersFrom, snapshot.offset)
      if (snapshot.cols !== size.cols || snapshot.rows !== size.rows)
        attachment.say({ type: 'size', ...size })
      flushTo(attachment)
      pace()
      if (exit) sayExit(attachment)
    })
  }
  const sayExit = (attachment: Attachment) => {
    if (!exit || attachment.outlet.state !== 'live') return
    attachment.say({ type: 'exit', code: exit.code, signal: exit.signal })
    attachment.end(TERMINAL_CLOSE.exited, 'exited')
  }

  // Size ---------------------------------------------------------------------------------------
  let wanted: TerminalSize | null = null
  const resize = (next: TerminalSize) => {
    if (next.cols === 0 || next.rows === 0) return
    if (wanted === null) clock.after(LIMITS.resizeMs, () => wanted && applySize(wanted))
    wanted = next
  }
  const applySize = (next: TerminalSize) => {
    wanted = null
    const cols = clamp(next.cols, LIMITS.cols)
    const rows = clamp(next.rows, LIMITS.rows)
    if (exit || (cols === size.cols && rows === size.rows)) return
    flush()
    size = { cols, rows }
    sizedAt = ring.end
    pty.resize(size)
    mirror.resize(size)
    broadcast({ type: 'size', ...size })
  }

  // Clients ------------------------------------------------------------------------------------
  const canResume = ({ resume, cols, rows }: Hello) =>
    resume?.epoch === epoch &&
    resume.offset >= Math.max(ring.start, sizedAt) &&
    resume.offset <= ring.end &&
    cols === size.cols &&
    rows === size.rows

  const hello = (attachment: Attachment, message: Hello) => {
    const { party } = attachment
    const hung = message.resume?.you === undefined ? undefined : find(message.resume.you)
    const replaces = hung !== undefined && hung.party.role === party.role
    // Nothing was put out yet: the first prompt may as well have the right width.
    const first = ring.end === 0 && attachments.size === 0 && party.role === 'learner'
    // The others hear of it first: to somebody new, nothing comes before the welcome.
    if (replaces) {
      control.replace(hung.party.id, party)
      hung.end(TERMINAL_CLOSE.replaced, 'replaced')
    } else control.join(party, message.want)
    attachments.add(attachment)
    hold.clear('unattended')
    if (first && message.cols > 0 && message.rows > 0) applySize(message)
    welcome(attachment)
    if (canResume(message) && message.resume) {
      attachment.outlet.resumeAt(message.resume.offset)
      attachment.answersFrom = ring.end
      if (title !== options.title) attachment.say({ type: 'title', title })
      flushTo(attachment)
      sayExit(attachment)
    } else refresh(attachment)
    sayViewers()
    changed()
  }
  const welcome = ({ say, party }: Attachment) =>
    say({
      type: 'welcome',
      epoch,
      offset: ring.end,
      ...size,
      you: party.id,
      role: party.role,
      controller: control.controller,
      viewers: viewers(),
      limits: {
        inputBytes: LIMITS.inputBytes,
        ackEveryBytes: LIMITS.ackEveryBytes,
        ackAfterMs: LIMITS.ackAfterMs,
      },
      // A lab on one's own machine is not closed behind one's back.
      idleAt: null,
    })

  const type = (bytes: Uint8Array) => {
    if (exit) return
    echoDue = true
    control.used()
    gate.push(bytes)
  }
  const run = (attachment: Attachment, { text, enter }: Message<'run'>) => {
    const { alternate, bracketedPaste } = mirror
    if (alternate && !bracketedPaste)
      return attachment.say({
        type: 'error',
        code: 'full-screen-program',
        message: 'A full-screen program has the terminal: quit it first.',
        retry: true,
      })
    const pasted = pasteText(text, bracketedPaste ? 'bracketed' : 'plain')
    type(Buffer.from(enter && !alternate ? `${pasted}\r` : pasted))
  }
  const seat = ({ party, say }: Attachment, { op }: Message<'control'>) => {
    if (op === 'take') control.take(party.id)
    else if (op === 'grant') control.grant(party.id)
    else if (op === 'release') control.release(party.id)
    else if (op === 'deny') {
      const refused = find(control.deny(party.id)?.id)
      refused?.say({ type: 'control', op: 'deny', from: party })
    } else {
      const asked = find(control.request(party.id)?.id)
      if (asked) asked.say({ type: 'control', op: 'request', from: party })
      else say({ type: 'role', role: party.role, controller: control.controller })
    }
  }
  const controls = ({ party }: Attachment) => party.id === control.controller?.id

  const events: Parameters<typeof createAttachment>[0]['events'] = {
    hello,
    message(attachment, message) {
      if (message.type === 'ping') attachment.say({ type: 'pong', t: message.t })
      else if (message.type === 'control') seat(attachment, message)
      else if (!controls(attachment)) return
      else if (message.type === 'resize') resize(message)
      else run(attachment, message)
    },
    // Dropped for everybody else, whatever their page shows.
    input: (attachment, bytes) => controls(attachment) && type(bytes),
    ack(attachment, offset) {
      if (attachment.outlet.ack(offset)) refresh(attachment)
      flushTo(attachment)
      pace()
    },
    gone(attachment) {
      attachments.delete(attachment)
      control.leave(attachment.party.id)
      sayViewers()
      pace()
      changed()
    },
  }

  const end = (status: ExitStatus) => {
    if (exit) return
    exit = status
    hold.stop()
    gate.stop()
    flush()
    for (const attachment of attachments) sayExit(attachment)
    changed()
  }
  for (const chunk of early) receive(chunk)
  void pty.exited.then(end)

  const close = (code: number = TERMINAL_CLOSE.exited, reason = 'closed') => {
    for (const attachment of [...attachments]) attachment.end(code, reason)
    exit ??= { code: null, signal: null }
    hold.stop()
    gate.stop()
    cancelBatch?.()
    mirror.dispose()
    pty[Symbol.dispose]()
  }

  return {
    epoch,
    get title() {
      return title
    },
    get size() {
      return size
    },
    get exit() {
      return exit
    },
    get attached() {
      return attachments.size
    },
    attach: (transport, { role, name }) => {
      const party = { id: randomUUID(), role, ...(name !== undefined && { name }) }
      return createAttachment({ party, transport, ring, frameOf, clock, events })
    },
    onChange: (listener) => void listeners.push(listener),
    close,
    [Symbol.dispose]: () => close(),
  }
}

const clamp = (value: number, { min, max }: { min: number; max: number }) =>
  Math.min(max, Math.max(min, value))
