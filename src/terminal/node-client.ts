/** lab-term.v1 from the client's side, for programs: what `halab shell` speaks to an agent. */
import { HalabError } from '../errors.ts'
import { TERMINAL_CLOSE, type TerminalServerMessage, type TerminalSize } from '../wire/terminal.ts'
import { decodeFrame, encodeFrame, FRAME } from './codec.ts'
import { TERMINAL_LIMITS } from './limits.ts'
import { parseServerMessage } from './messages.ts'

/** The part of a `ws` WebSocket that is used. */
export interface ClientSocket {
  readonly readyState: number
  send(message: string | Uint8Array): void
  close(code?: number): void
  on(event: 'open', listener: () => void): unknown
  on(event: 'message', listener: (message: unknown, isBinary: boolean) => void): unknown
  on(event: 'close', listener: (code: number, reason: Buffer) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

export interface TerminalClientOptions {
  readonly size: TerminalSize
  readonly want: 'control' | 'view'
  /** Shows output; resolves when it has been taken, which is when it is acknowledged. */
  write(bytes: Uint8Array): Promise<void>
  /** Anything that is neither output nor the end: role, size, title, lag … */
  message?(message: TerminalServerMessage): void
}

export interface TerminalConnection {
  /** How the program ended. Rejects with `terminal-closed` when the connection ended before it. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  input(bytes: Uint8Array): void
  resize(size: TerminalSize): void
  close(): void
}

const OPEN = 1

/** Says hello once the socket is open. The socket's binary frames must arrive as Buffers (ws's default). */
export function connectTerminal(
  socket: ClientSocket,
  options: TerminalClientOptions,
): TerminalConnection {
  const {
    promise: exited,
    resolve,
    reject,
  } = Promise.withResolvers<{
    code: number | null
    signal: string | null
  }>()
  // Writes go one after another, so that ACKs keep the order of the output.
  let writing = Promise.resolve()
  let parsed = 0
  let acked = 0
  let quiet: NodeJS.Timeout | undefined

  const send = (message: string | Uint8Array) => {
    if (socket.readyState === OPEN) socket.send(message)
  }
  const say = (message: object) => send(JSON.stringify(message))
  const ack = () => {
    clearTimeout(quiet)
    if (parsed === acked) return
    acked = parsed
    send(encodeFrame(FRAME.ack, acked))
  }
  const show = (bytes: Uint8Array, upTo: number) => {
    writing = writing
      .then(() => options.write(bytes))
      .then(() => {
        parsed = upTo
        if (parsed - acked >= TERMINAL_LIMITS.ackEveryBytes) return ack()
        clearTimeout(quiet)
        quiet = setTimeout(ack, TERMINAL_LIMITS.ackAfterMs)
      })
      .catch(reject)
  }
  const hear = (message: TerminalServerMessage) => {
    if (message.type === 'exit') {
      const { code, signal } = message
      void writing.then(() => resolve({ code, signal }))
    } else if (message.type === 'error' && !message.retry) {
      reject(new HalabError(message.code, message.message))
    } else {
      // What a snapshot shows is laid out for its size; ask for ours again, so that it is redrawn.
      if (message.type === 'snapshot') say({ type: 'resize', ...size })
      options.message?.(message)
    }
  }
  let size = options.size

  const hello = () => say({ type: 'hello', v: 1, ...size, want: options.want })
  if (socket.readyState === OPEN) hello()
  else socket.on('open', hello)
  socket.on('message', (raw, isBinary) => {
    try {
      if (!Buffer.isBuffer(raw)) throw new HalabError('bad-frame', 'Expected a Buffer')
      if (isBinary) {
        const { type, offset, payload } = decodeFrame(raw)
        show(payload, type === FRAME.snapshot ? offset : offset + payload.length)
      } else {
        const message = parseServerMessage(raw.toString())
        if (message) hear(message)
      }
    } catch (error) {
      reject(error)
      socket.close(TERMINAL_CLOSE.protocol)
    }
  })
  socket.on('error', (cause) =>
    reject(new HalabError('terminal-closed', `The terminal failed: ${cause.message}`, { cause })),
  )
  socket.on('close', (code, reason) => {
    clearTimeout(quiet)
    void writing.then(() =>
      reject(
        new HalabError('terminal-closed', `The terminal closed: ${reason.toString() || code}`),
      ),
    )
  })

  return {
    exited,
    input(bytes) {
      for (let at = 0; at < bytes.length; at += TERMINAL_LIMITS.inputBytes)
        send(encodeFrame(FRAME.input, 0, bytes.subarray(at, at + TERMINAL_LIMITS.inputBytes)))
    },
    resize(next) {
      size = next
      say({ type: 'resize', ...size })
    },
    close: () => socket.close(1000),
  }
}
