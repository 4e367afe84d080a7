/** All open WebSockets: how many a session may have, that they live, and how they end. */
import type { WebSocket } from 'ws'
import { HalabError } from '../errors.ts'
import { TERMINAL_CLOSE } from '../wire/terminal.ts'
import { SERVER_LIMITS } from './limits.ts'

export type SocketKind = 'terminal' | 'events'
interface SocketOwner {
  readonly session: string
  readonly address: string
  readonly kind: SocketKind
}

export interface Sockets {
  /** Throws `too-many-sockets`. */
  checkRoom(owner: Pick<SocketOwner, 'session' | 'address'>): void
  add(socket: WebSocket, owner: SocketOwner): void
  /** The session ended: so does what it opened. */
  endSession(session: string): void
  /** Tells everybody to come back later. */
  endAll(): void
}

export function createSockets(counted: (kind: SocketKind, change: 1 | -1) => void): Sockets {
  const open = new Map<WebSocket, SocketOwner>()
  const count = (fits: (owner: SocketOwner) => boolean) => [...open.values()].filter(fits).length

  return {
    checkRoom({ session, address }) {
      const bySession = count((owner) => owner.session === session)
      const byAddress = count((owner) => owner.address === address)
      if (
        bySession >= SERVER_LIMITS.socketsPerSession ||
        byAddress >= SERVER_LIMITS.socketsPerAddress
      ) {
        throw new HalabError('too-many-sockets', 'Too many terminals and pages are open', {
          hint: 'Close some tabs.',
        })
      }
    },
    add(socket, owner) {
      open.set(socket, owner)
      counted(owner.kind, 1)
      const stop = watchLife(socket)
      socket.on('close', () => {
        stop()
        if (open.delete(socket)) counted(owner.kind, -1)
      })
    },
    endSession(session) {
      for (const [socket, owner] of open)
        if (owner.session === session) endSocket(socket, TERMINAL_CLOSE.noSession, 'logged out')
    },
    endAll() {
      for (const [socket, { kind }] of open)
        endSocket(socket, kind === 'terminal' ? TERMINAL_CLOSE.restarting : 1001, 'restarting')
    },
  }
}

/** Says why, and does not wait long for the answer. A paused socket would never read it. */
export function endSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason)
  socket.resume()
  const timer = setTimeout(() => socket.terminate(), SERVER_LIMITS.closeMs)
  timer.unref()
  socket.on('close', () => clearTimeout(timer))
}

/** A browser that vanished without a word answers no ping. */
function watchLife(socket: WebSocket): () => void {
  let missed = 0
  socket.on('pong', () => (missed = 0))
  const timer = setInterval(() => {
    if (missed >= SERVER_LIMITS.missedPings) return socket.terminate()
    missed += 1
    socket.ping()
  }, SERVER_LIMITS.pingMs)
  timer.unref()
  return () => clearInterval(timer)
}
