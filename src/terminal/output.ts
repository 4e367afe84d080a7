/**
 * A session's output half: what the pty says goes into the ring and the mirror, and from there to
 * everybody attached, each at their own pace. Decides when the pty is read.
 */
import type { ExitStatus, Pty } from '../engines/types.ts'
import { TERMINAL_CLOSE, type TerminalSize } from '../wire/terminal.ts'
import type { Attachment } from './attachment.ts'
import { createBucket } from './bucket.ts'
import type { Clock } from './clock.ts'
import { createHold } from './hold.ts'
import { TERMINAL_LIMITS as LIMITS } from './limits.ts'
import { createMirror, type Mirror } from './mirror.ts'
import { createFramer, type FrameOf } from './outlet.ts'
import { createRing, type Ring } from './ring.ts'

export interface Output {
  readonly ring: Ring
  readonly frameOf: FrameOf
  readonly mirror: Mirror
  readonly size: TerminalSize
  /** Offset at which the size last changed: what was put out before was laid out for another. */
  readonly sizedAt: number
  readonly exit: ExitStatus | null
  /** Somebody just typed: what comes next is probably the echo, and must not wait for a batch. */
  expectEcho(): void
  /** After everything put out so far. */
  resize(size: TerminalSize): void
  /** Somebody came, left, or has parsed more: see whether the pty may be read. */
  pace(): void
  /** Sends this one what it may have now, and the exit when that was all. */
  serve(attachment: Attachment): void
  /** Sends this one the whole screen, then serves it. */
  refresh(attachment: Attachment): void
  /** The pty is done: nothing is read or sent any more. */
  stop(): void
}

export interface OutputOptions {
  readonly pty: Pty
  readonly clock: Clock
  readonly size: TerminalSize
  /** Until the program gives one. */
  readonly title: string
  readonly attachments: ReadonlySet<Attachment>
  controller(): Attachment | undefined
  /** The program names its window; empty: not any more. */
  titled(title: string): void
  /** The pty ended; all of its output was sent on as far as it could be. */
  ended(): void
}

/** Listens to the pty at once, and sends nothing before it resolves. */
export async function createOutput(options: OutputOptions): Promise<Output> {
  const { pty, clock, attachments, controller } = options
  // Before anything is awaited: what the pty says meanwhile must not be lost.
  const early: Uint8Array[] = []
  let receive = (chunk: Uint8Array) => void early.push(chunk)
  pty.onData((chunk) => receive(chunk))

  const ring = createRing(LIMITS.ringBytes)
  const hold = createHold(pty, clock)
  const unattended = createBucket(LIMITS.unattendedBytesPerSecond, clock)
  let { size } = options
  let sizedAt = 0
  let exit: ExitStatus | null = null
  let cancelBatch: (() => void) | null = null
  let batched = 0
  let echoDue = false

  const mirror = await createMirror(size, {
    // One emulator answers each query: the controller's, or else the mirror.
    answer(text) {
      const own = controller()
      if (!own || mirror.parsed < own.answersFrom) pty.write(Buffer.from(text))
    },
    title: options.titled,
    parsed() {
      if (mirror.pending < LIMITS.mirrorResumeBelowBytes) hold.clear('mirror')
    },
  })

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
  const throttle = (bytes: number) => {
    unattended.take(bytes)
    const waitMs = unattended.waitMs()
    if (waitMs === 0) return
    hold.set('unattended')
    clock.after(waitMs, () => hold.clear('unattended'))
  }
  const flush = () => {
    cancelBatch?.()
    cancelBatch = null
    batched = 0
    echoDue = false
    for (const attachment of attachments) send(attachment)
    pace()
  }
  const send = (attachment: Attachment) => {
    const pace = exit ? 'all' : attachment === controller() ? 'paced' : 'dropped'
    if (attachment.outlet.flush(pace)) refresh(attachment)
  }
  /** The controller's window decides whether the pty is read; viewers never do. */
  const pace = () => {
    if (attachments.size > 0) hold.clear('unattended')
    const unacked = controller()?.outlet.unacked ?? 0
    if (unacked > LIMITS.pauseAboveBytes) hold.set('controller')
    else if (unacked < LIMITS.resumeBelowBytes) hold.clear('controller')
  }
  const serve = (attachment: Attachment) => {
    send(attachment)
    pace()
    if (!exit || attachment.outlet.state !== 'live') return
    attachment.say({ type: 'exit', code: exit.code, signal: exit.signal })
    attachment.end(TERMINAL_CLOSE.exited, 'exited')
  }
  const refresh = (attachment: Attachment) => {
    void mirror.snapshot().then((snapshot) => {
      if (!attachment.here) return
      // So much came in between that its beginning is lost: take another.
      if (snapshot.offset < ring.start) return refresh(attachment)
      attachment.outlet.show({ ...snapshot, title: snapshot.title || options.title })
      attachment.answersFrom = Math.min(attachment.answersFrom, snapshot.offset)
      if (snapshot.cols !== size.cols || snapshot.rows !== size.rows)
        attachment.say({ type: 'size', ...size })
      serve(attachment)
    })
  }

  for (const chunk of early) receive(chunk)
  void pty.exited.then((status) => {
    if (exit) return
    exit = status
    hold.stop()
    flush()
    for (const attachment of attachments) serve(attachment)
    options.ended()
  })

  return {
    ring,
    frameOf: createFramer(ring),
    mirror,
    get size() {
      return size
    },
    get sizedAt() {
      return sizedAt
    },
    get exit() {
      return exit
    },
    expectEcho: () => void (echoDue = true),
    resize(next) {
      if (exit || (next.cols === size.cols && next.rows === size.rows)) return
      flush()
      size = next
      sizedAt = ring.end
      pty.resize(size)
      mirror.resize(size)
      for (const { say } of attachments) say({ type: 'size', ...size })
    },
    pace,
    serve,
    refresh,
    stop() {
      exit ??= { code: null, signal: null }
      hold.stop()
      cancelBatch?.()
      mirror.dispose()
    },
  }
}
