/** One page's view of the lab: everything once, then what changes. */
import type { WebSocket } from 'ws'
import type { AgentEvent } from '../../wire/agent-api.ts'
import type { Lab } from '../lab.ts'

/** A page that falls this far behind gets the next state instead of every one in between. */
const MAX_LAG_BYTES = 1 << 20

export function serveEvents(lab: Lab, socket: WebSocket): void {
  const send = (event: AgentEvent) => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > MAX_LAG_BYTES && event.type !== 'run') return
    socket.send(JSON.stringify(event))
  }
  const stop = lab.onEvent(send)
  socket.once('close', stop)
  send({ type: 'run', run: lab.summary() })
  send({ type: 'map', map: lab.map() })
  send({ type: 'results', results: lab.grading.results() })
  send({ type: 'terminals', terminals: lab.terminals.list() })
}
