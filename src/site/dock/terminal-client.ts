/**
 * lab-term.v1 from the page's side: one WebSocket that comes back by itself, with flow control by
 * what the screen has parsed. Knows no xterm; what it drives is a `TerminalScreen`.
 */
import { decodeFrame, encodeFrame, FRAME } from '../../terminal/codec.ts'
import {
  TERMINAL_CLOSE,
  TERMINAL_PROTOCOL,
  type TerminalClientMessage,
  type TerminalParty,
  type TerminalServerMessage,
  type TerminalSize,
  type TerminalWelcome,
} from '../../wire/terminal.ts'
import { backOffMs, waitOrWake } from './back-off.ts'
import { TerminalFlow } from './terminal-flow.ts'

export interface TerminalScreen {
  /** Calls `parsed` once the bytes are on the screen. */
  write(bytes: Uint8Array, parsed: () => void): void
  /** Empty, and of this size. */
  reset(size: TerminalSize): void
  setSize(size: TerminalSize): void
  /** The size that would fill the room; zeros while hidden. */
  fittingSize(): TerminalSize
}

export type TerminalLink =
  | { readonly state: 'connecting' | 'open' | 'waiting' }
  | { readonly state: 'exited'; readonly code: number | null; readonly signal: string | null }
  | { readonly state: 'closed'; readonly code: number; readonly reason: string }

export interface TerminalListener {
  link(link: TerminalLink): void
  /** `mine`: what is typed here reaches the shell. */
  control(mine: boolean, controller: TerminalParty | null): void
  title(title: string): void
  notice(words: string): void
}

export interface TerminalAddress {
  readonly url: string
  /** Single use: asked for anew at each attempt. */
  readonly ticket: string
}

const RETRIED: ReadonlySet<number> = new Set([1001, 1006, 1011, TERMINAL_CLOSE.restarting])
const PING_MS = 15_000
const STEADY_MS = 3_000

export class TerminalClient {
  readonly #address: () => Promise<TerminalAddress>
  readonly #screen: TerminalScreen
  readonly #listener: TerminalListener
  readonly #abort = new AbortController()
  readonly #flow: TerminalFlow
  #socket: WebSocket | undefined
  #welcome: TerminalWelcome | undefined
  #controls = false
  #sentSize = ''

  constructor(
    address: () => Promise<TerminalAddress>,
    screen: TerminalScreen,
    listener: TerminalListener,
  ) {
    this.#address = address
    this.#screen = screen
    this.#listener = listener
    this.#flow = new TerminalFlow(screen, (offset) => this.#send(encodeFrame(FRAME.ack, offset)))
  }

  /** Stays connected until closed, replaced or exited. */
  async run() {
    const { signal } = this.#abort
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      if (attempt > 0) this.#listener.link({ state: 'waiting' })
      try {
        await waitOrWake(backOffMs(attempt), signal)
      } catch {
        return
      }
      this.#listener.link({ state: 'connecting' })
      const began = performance.now()
      const { code, reason } = await this.#connection()
      this.#setControl(null)
      if (signal.aborted || code === TERMINAL_CLOSE.exited) return
      if (!RETRIED.has(code)) return this.#listener.link({ state: 'closed', code, reason })
      if (performance.now() - began > STEADY_MS) attempt = 0
    }
  }

  close() {
    this.#abort.abort()
    this.#socket?.close(1000)
  }

  /** What the emulator wants to send: keys, pastes, and its answers to queries. Lost while disconnected. */
  input(text: string) {
    const limit = this.#welcome?.limits.inputBytes
    if (limit === undefined || !this.#controls || this.#flow.replaying) return
    const bytes = new TextEncoder().encode(text)
    for (let at = 0; at < bytes.length; at += limit) {
      this.#send(encodeFrame(FRAME.input, 0, bytes.subarray(at, at + limit)))
    }
  }

  runBlock(blockId: string, text: string, enter: boolean) {
    this.#say({ type: 'run', blockId, text, enter })
  }

  resize() {
    const size = this.#screen.fittingSize()
    const key = `${size.cols}x${size.rows}`
    if (size.cols === 0 || !this.#controls || key === this.#sentSize) return
    this.#sentSize = key
    this.#screen.setSize(size)
    this.#say({ type: 'resize', ...size })
  }

  take() {
    this.#say({ type: 'control', op: 'take' })
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN && this.#welcome !== undefined
  }

  async #connection(): Promise<{ code: number; reason: string }> {
    let address: TerminalAddress
    try {
      address = await this.#address()
    } catch (error) {
      // The server may be restarting; what is final (no session, no terminal) says so by its code.
      return refusal(error)
    }
    const protocols = [TERMINAL_PROTOCOL, `ticket.${address.ticket}`]
    const socket = new WebSocket(address.url, protocols)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    const ping = setInterval(() => {
      if (document.visibilityState === 'visible') this.#say({ type: 'ping', t: performance.now() })
    }, PING_MS)
    return new Promise((resolve) => {
      socket.onopen = () => this.#hello()
      socket.onmessage = ({ data }) => this.#receive(data as string | ArrayBuffer)
      socket.onclose = ({ code, reason }) => {
        clearInterval(ping)
        this.#flow.stop()
        resolve({ code, reason })
      }
    })
  }

  #hello() {
    const { cols, rows } = this.#screen.fittingSize()
    this.#sentSize = `${cols}x${rows}`
    const known = this.#welcome
    const resume = known && { epoch: known.epoch, offset: this.#flow.parsed, you: known.you }
    this.#say({ type: 'hello', v: 1, cols, rows, want: 'control', ...(resume && { resume }) })
  }

  #receive(data: string | ArrayBuffer) {
    try {
      if (typeof data === 'string') this.#hear(JSON.parse(data) as TerminalServerMessage)
      else this.#show(new Uint8Array(data))
    } catch {
      this.#socket?.close(TERMINAL_CLOSE.protocol)
    }
  }

  #show(bytes: Uint8Array) {
    const { type, offset, payload } = decodeFrame(bytes)
    if (type === FRAME.output) this.#flow.output(offset, payload)
    if (type === FRAME.snapshot)
      this.#flow.snapshotPart(offset, payload, () => {
        this.#sentSize = ''
        this.resize()
      })
  }

  #hear(message: TerminalServerMessage) {
    switch (message.type) {
      case 'welcome':
        return this.#onWelcome(message)
      case 'snapshot':
        this.#flow.expectSnapshot(message.parts)
        this.#listener.title(message.title)
        return this.#screen.reset(message)
      case 'size':
        return this.#controls ? undefined : this.#screen.setSize(message)
      case 'role':
        return this.#setControl(message.controller)
      case 'title':
        return this.#listener.title(message.title)
      case 'lag':
        return this.#listener.notice(
          'Some output was left out: it came faster than it can be shown.',
        )
      case 'idle':
        return this.#listener.notice('This terminal closes soon unless you type.')
      case 'exit':
        return this.#listener.link({ state: 'exited', code: message.code, signal: message.signal })
      case 'error':
        return this.#listener.notice(message.message)
      case 'control':
      case 'pong':
      case 'viewers':
        return // Shadowing by an instructor is not in this page yet; a pong only keeps the line open.
    }
  }

  #onWelcome(welcome: TerminalWelcome) {
    const session = welcome.epoch === this.#welcome?.epoch ? 'same' : 'new'
    if (session === 'new') this.#screen.reset(welcome)
    this.#welcome = welcome
    this.#flow.begin(session, welcome.offset, welcome.limits)
    this.#listener.link({ state: 'open' })
    this.#setControl(welcome.controller)
  }

  #setControl(controller: TerminalParty | null) {
    const mine = controller !== null && controller.id === this.#welcome?.you
    this.#controls = mine
    this.#listener.control(mine, controller)
    if (mine) this.resize()
  }

  #say(message: TerminalClientMessage) {
    this.#send(JSON.stringify(message))
  }

  #send(message: string | Uint8Array) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return
    // A frame is never over shared memory; the type of encodeFrame does not say so.
    this.#socket.send(message as string | Uint8Array<ArrayBuffer>)
  }
}

function refusal(error: unknown): { code: number; reason: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = error instanceof Error ? error.message : ''
  if (code === 'no-session') return { code: TERMINAL_CLOSE.noSession, reason }
  if (code.startsWith('unknown')) return { code: TERMINAL_CLOSE.unknown, reason }
  return { code: 1006, reason }
}
