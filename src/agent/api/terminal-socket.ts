/** Brings a WebSocket to a terminal; the protocol itself is in `terminal`. */
import type { IncomingMessage } from 'node:http'
import type { RawData, WebSocket } from 'ws'
import { errorBody } from '../../errors.ts'
import { TERMINAL_CLOSE, type TerminalRole } from '../../wire/terminal.ts'
import type { Lab } from '../lab.ts'

const ROLES: readonly TerminalRole[] = ['learner', 'instructor', 'viewer']

export function serveTerminal(
  lab: Lab,
  id: string,
  request: IncomingMessage,
  socket: WebSocket,
): void {
  const asked = request.headers['x-halab-role']
  // Whoever is not said to be more may only look.
  const role = ROLES.find((known) => known === asked) ?? 'viewer'
  try {
    const client = lab.terminals.get(id).attach(
      {
        sendText: (text) => socket.send(text),
        sendBinary: (bytes) => socket.send(bytes, { binary: true }),
        close: (code, reason) => socket.close(code, reason),
        bufferedAmount: () => socket.bufferedAmount,
      },
      { role },
    )
    socket.on('message', (frame: RawData, binary: boolean) => {
      const bytes = Buffer.isBuffer(frame) ? frame : Buffer.concat([frame].flat() as Buffer[])
      if (binary) client.receiveBinary(bytes)
      else client.receiveText(bytes.toString())
    })
    socket.once('close', () => client.closed())
  } catch (error) {
    socket.send(JSON.stringify({ type: 'error', ...errorBody(error), retry: false }))
    socket.close(TERMINAL_CLOSE.unknown, 'unknown terminal')
  }
}
