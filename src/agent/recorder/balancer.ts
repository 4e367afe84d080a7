/** Which servers a balancer has in rotation, asked at HAProxy's own socket. */
import { connect } from 'node:net'
import type { Node } from '../../engines/types.ts'
import { HAPROXY_SOCKET } from '../../cluster/balancer.ts'
import type { BalancerObservation, Observation } from '../../wire/evidence.ts'
import { LIMITS } from '../limits.ts'
import { every } from './every.ts'

export function recordBalancer(
  node: Node,
  record: (observation: Observation) => void,
  signal: AbortSignal,
): void {
  const known = new Map<string, { up: boolean; connections: number; at: number }>()
  every(
    LIMITS.balancerEveryMs,
    async () => {
      // Nobody answers while it is off or frozen; process and fault lines tell that.
      const servers = await showServers(node).catch(() => [])
      for (const seen of servers) {
        const last = known.get(seen.server)
        // Connections come and go all the time: their number alone is news every few seconds only.
        const recent = last !== undefined && performance.now() - last.at < LIMITS.summaryMs
        if (last?.up === seen.up && (recent || last.connections === seen.connections)) continue
        known.set(seen.server, { ...seen, at: performance.now() })
        record(seen)
      }
    },
    signal,
  )
}

export async function showServers(node: Node): Promise<BalancerObservation[]> {
  const table = await ask(node.path(HAPROXY_SOCKET), 'show stat -1 4 -1')
  const [head = '', ...rows] = table.split('\n')
  const columns = head.replace(/^# /, '').split(',')
  const column = (row: string, name: string) => row.split(',')[columns.indexOf(name)] ?? ''
  return rows
    .filter((row) => row.includes(','))
    .map((row) => ({
      kind: 'balancer',
      balancer: node.name,
      server: column(row, 'svname'),
      up: column(row, 'status').startsWith('UP'),
      connections: Number(column(row, 'scur')),
    }))
}

function ask(path: string, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    let text = ''
    socket.setTimeout(LIMITS.probeTimeoutMs, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.once('error', reject)
    socket.once('close', () => resolve(text))
    socket.write(`${question}\n`)
  })
}
