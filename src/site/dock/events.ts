/** The events of one run, by WebSocket, reconnecting until told to stop. */
import type { AgentEvent } from '../../wire/agent-api.ts'
import { socketUrl } from './api.ts'
import { backOffMs, waitOrWake } from './back-off.ts'

interface EventsListener {
  event(event: AgentEvent): void
  connection(state: 'open' | 'retrying'): void
  /** The server says that there is no such run any more. */
  gone(): void
}

/** Close codes after which coming back is pointless. */
const FINAL = new Set([4401, 4403, 4404, 4410])
/** Only a connection that held this long proves that things are well again. */
const STEADY_MS = 3_000

export async function followEvents(name: string, listener: EventsListener, signal: AbortSignal) {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      await waitOrWake(backOffMs(attempt), signal)
    } catch {
      return
    }
    const opened = performance.now()
    const code = await connection(name, listener, signal)
    if (signal.aborted) return
    if (FINAL.has(code)) return listener.gone()
    if (performance.now() - opened > STEADY_MS) attempt = 0
    listener.connection('retrying')
  }
}

function connection(name: string, listener: EventsListener, signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(socketUrl(`/ws/runs/${encodeURIComponent(name)}/events`))
    socket.onopen = () => listener.connection('open')
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') listener.event(JSON.parse(data) as AgentEvent)
    }
    socket.onclose = ({ code }) => resolve(code)
    signal.addEventListener('abort', () => socket.close(1000), { once: true })
  })
}
