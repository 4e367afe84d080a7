/**
 * The output side of one attached client: how far it was sent, how far it has parsed, and what to
 * do when it falls behind. Positions are offsets in the pty's output and only ever grow, so a lost
 * ACK heals with the next one.
 */
import { HalabError } from '../errors.ts'
import type { TerminalServerMessage } from '../wire/terminal.ts'
import { encodeFrame, FRAME } from './codec.ts'
import { TERMINAL_LIMITS } from './limits.ts'
import type { Snapshot } from './mirror.ts'
import type { Ring } from './ring.ts'

/** What a session needs of a connection. Messages arrive in order; `close` comes after them. */
export interface Transport {
  sendText(text: string): void
  sendBinary(bytes: Uint8Array): void
  close(code: number, reason: string): void
  /** Bytes handed over and not yet on the wire. */
  bufferedAmount(): number
}

export interface Outlet {
  /** Bytes sent and not yet parsed by the client. */
  readonly unacked: number
  /** `waiting`: nothing flows until a snapshot comes. */
  readonly state: 'waiting' | 'live'
  /** Go on from here without a snapshot. */
  resumeAt(offset: number): void
  show(snapshot: Snapshot): void
  /** Sends what is new, as far as the window allows. True: it lost output and needs a snapshot now. */
  flush(pace: OutletPace): boolean
  /** True: it has caught up with all it was sent and now needs a snapshot. */
  ack(offset: number): boolean
}

/** `paced`: its ACKs pause the pty, so it only waits. `dropped`: it must not, so it loses output. `all`: the last words. */
type OutletPace = 'paced' | 'dropped' | 'all'

export type FrameOf = (from: number, to: number) => Uint8Array

/** One copy a frame however many clients get it. */
export function createFramer(ring: Ring): FrameOf {
  let last: { from: number; to: number; frame: Uint8Array } | null = null
  return (from, to) => {
    if (last?.from === from && last.to === to) return last.frame
    const payload = new Uint8Array(to - from)
    ring.copy(from, to, payload, 0)
    const frame = encodeFrame(FRAME.output, from, payload)
    last = { from, to, frame }
    return frame
  }
}

export function createOutlet(
  ring: Ring,
  frameOf: FrameOf,
  transport: Pick<Transport, 'sendBinary'>,
  say: (message: TerminalServerMessage) => void,
): Outlet {
  let sent = 0
  let acked = 0
  let state: Outlet['state'] = 'waiting'
  /** Set while a client that fell behind still has to parse what it was sent. */
  let lagging = false

  /** True when nothing is on its way to the client that it would still have to parse first. */
  const lag = (): boolean => {
    say({ type: 'lag', skipped: ring.end - sent })
    state = 'waiting'
    lagging = acked < sent
    return !lagging
  }

  return {
    get unacked() {
      return state === 'live' ? sent - acked : 0
    },
    get state() {
      return state
    },
    resumeAt(offset) {
      sent = acked = offset
      state = 'live'
    },
    show(snapshot) {
      const { cols, rows, title, bytes, offset } = snapshot
      const parts = Math.max(1, Math.ceil(bytes.length / TERMINAL_LIMITS.batchBytes))
      say({ type: 'snapshot', cols, rows, title, parts })
      for (let part = 0; part < parts; part++) {
        const at = part * TERMINAL_LIMITS.batchBytes
        const piece = bytes.subarray(at, at + TERMINAL_LIMITS.batchBytes)
        transport.sendBinary(encodeFrame(FRAME.snapshot, offset, piece))
      }
      sent = acked = offset
      state = 'live'
      lagging = false
    },
    flush(pace) {
      while (state === 'live' && sent < ring.end) {
        if (sent < ring.start) return lag()
        if (pace !== 'all' && sent - acked >= TERMINAL_LIMITS.windowBytes)
          return pace === 'dropped' ? lag() : false
        const to = Math.min(ring.end, sent + TERMINAL_LIMITS.batchBytes)
        transport.sendBinary(frameOf(sent, to))
        sent = to
      }
      return false
    },
    ack(offset) {
      if (offset > sent)
        throw new HalabError('bad-ack', `ACK of ${offset} when only ${sent} bytes were sent`)
      acked = Math.max(acked, offset)
      if (!lagging || acked < sent) return false
      lagging = false
      return true
    },
  }
}
