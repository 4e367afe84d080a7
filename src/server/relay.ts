/** Two WebSockets as one: frames go through unaltered, and a side that is slow makes the other wait. */
import type { RawData, WebSocket } from 'ws'
import { TERMINAL_CLOSE } from '../wire/terminal.ts'
import { SERVER_LIMITS } from './limits.ts'
import { endSocket } from './sockets.ts'

export interface RelayOptions {
  readonly page: WebSocket
  /** May still be connecting: what the page says meanwhile waits. */
  readonly agent: WebSocket
  /** Sees the agent's text frames. */
  readonly observe?: (text: string) => void
}

export function relay({ page, agent, observe }: RelayOptions): void {
  page.pause()
  agent.on('open', () => page.resume())
  pipe(page, agent)
  pipe(agent, page)
  if (observe) {
    agent.on('message', (frame: RawData, isBinary) => {
      if (!isBinary) observe(textOf(frame))
    })
  }
  // The agent says 404 for a terminal that is gone; without an answer its lab is.
  agent.on('unexpected-response', (_request, response) => {
    const gone = response.statusCode === 404
    endSocket(page, gone ? TERMINAL_CLOSE.unknown : 1011, gone ? 'unknown' : 'agent refused')
    agent.terminate()
  })
  agent.on('error', () => endSocket(page, 1011, 'the lab does not answer'))
  page.on('error', () => agent.terminate())
}

function pipe(from: WebSocket, to: WebSocket): void {
  from.on('message', (frame: RawData, isBinary) => {
    // Only when a side that was told to end is read out; `send` would throw.
    if (to.readyState === to.CONNECTING) return
    to.send(frame as Buffer, { binary: isBinary }, () => {
      if (from.isPaused && to.bufferedAmount < SERVER_LIMITS.relayBytes / 2) from.resume()
    })
    if (to.bufferedAmount > SERVER_LIMITS.relayBytes) from.pause()
  })
  from.on('close', (code, reason) => {
    if (to.readyState === to.CONNECTING) return to.terminate()
    const known = sendable(code) === code
    endSocket(to, sendable(code), known ? reason.toString() : 'connection lost')
  })
}

/** 1005 and 1006 only say that no code came: they may not be sent. */
const sendable = (code: number): number => (code === 1005 ? 1000 : code === 1006 ? 1011 : code)

const textOf = (frame: RawData): string =>
  (Array.isArray(frame) ? Buffer.concat(frame) : Buffer.from(frame as Buffer)).toString()
