/** For this room's tests: a clock that stands still, a scripted pty, and a client that remembers. */
import type { ExitStatus, Pty } from '../engines/types.ts'
import type { TerminalRole, TerminalServerMessage, TerminalSize } from '../wire/terminal.ts'
import type { TerminalClient } from './attachment.ts'
import type { Clock } from './clock.ts'
import { decodeFrame, encodeFrame, FRAME, type Frame } from './codec.ts'
import type { Transport } from './outlet.ts'
import type { TerminalSession } from './session.ts'

export interface FakeClock extends Clock {
  advance(ms: number): void
}

export function createFakeClock(): FakeClock {
  let now = 0
  const due = new Set<{ at: number; run: () => void }>()
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run }
      due.add(timer)
      return () => due.delete(timer)
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        due.delete(next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = end
    },
  }
}

export interface FakePty extends Pty {
  readonly written: string[]
  readonly sizes: TerminalSize[]
  readonly paused: boolean
  alive?(): boolean
  /** What the program puts out. */
  say(output: string | Uint8Array): void
  exit(status?: ExitStatus): void
}

export function createFakePty(): FakePty {
  const { promise: exited, resolve } = Promise.withResolvers<ExitStatus>()
  let listener: (chunk: Buffer) => void = () => {}
  let paused = false
  const written: string[] = []
  const sizes: TerminalSize[] = []
  return {
    exited,
    written,
    sizes,
    get paused() {
      return paused
    },
    onData: (next) => void (listener = next),
    write: (bytes) => void written.push(Buffer.from(bytes).toString()),
    resize: (size) => void sizes.push(size),
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    say: (output) => listener(Buffer.from(output)),
    exit: (status = { code: 0, signal: null }) => resolve(status),
    [Symbol.dispose]() {},
  }
}

export interface FakeClient {
  readonly messages: TerminalServerMessage[]
  readonly frames: Frame[]
  readonly closed: { code: number; reason: string } | null
  readonly client: TerminalClient
  /** All output frames in a row, after the last snapshot. */
  readonly output: string
  /** Bytes of output it has had. */
  readonly offset: number
  all<T extends TerminalServerMessage['type']>(
    type: T,
  ): Extract<TerminalServerMessage, { type: T }>[]
  tell(message: object): void
  type(text: string): void
  ack(offset: number): void
  buffered: number
}

export function attachFake(session: TerminalSession, role: TerminalRole = 'learner'): FakeClient {
  const messages: TerminalServerMessage[] = []
  const frames: Frame[] = []
  let closed: FakeClient['closed'] = null
  const transport: Transport = {
    sendText: (text) => void messages.push(JSON.parse(text) as TerminalServerMessage),
    sendBinary: (bytes) => void frames.push(decodeFrame(bytes)),
    close: (code, reason) => void (closed = { code, reason }),
    bufferedAmount: () => fake.buffered,
  }
  const client = session.attach(transport, { role })
  const fake: FakeClient = {
    messages,
    frames,
    client,
    buffered: 0,
    get closed() {
      return closed
    },
    get output() {
      const since = frames.findLastIndex(({ type }) => type === FRAME.snapshot)
      const payloads = frames.slice(since + 1).map(({ payload }) => payload)
      return Buffer.concat(payloads).toString()
    },
    get offset() {
      const last = frames.at(-1)
      return last ? last.offset + (last.type === FRAME.output ? last.payload.length : 0) : 0
    },
    all: (type) =>
      messages.filter(
        (message): message is Extract<typeof message, { type: typeof type }> =>
          message.type === type,
      ),
    tell: (message) => client.receiveText(JSON.stringify(message)),
    type: (text) => client.receiveBinary(encodeFrame(FRAME.input, 0, Buffer.from(text))),
    ack: (offset) => client.receiveBinary(encodeFrame(FRAME.ack, offset)),
  }
  return fake
}
