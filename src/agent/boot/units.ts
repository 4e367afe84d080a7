/** What systemd does on a node, for the few services that are no static Pods: haproxy, keepalived, external etcd. */
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { nodeEnvironment, type Unit } from '../../cluster/index.ts'
import type { Node, RunningProcess } from '../../engines/types.ts'
import type { Topology } from '../../wire/lab.ts'

/** systemd's own default. */
const RESTART_DELAY_MS = 100
/** systemd gives up on a unit that starts this often within the interval. */
const START_LIMIT = { burst: 5, intervalMs: 10_000 }
const JOURNAL = '/var/log/units'

/** Runs a unit until `off` aborts (the node's power, or the unit stopped by hand). */
export async function superviseUnit(
  node: Node,
  unit: Unit,
  topology: Topology,
  off: AbortSignal,
): Promise<void> {
  await mkdir(node.path(JOURNAL), { recursive: true })
  const journal = createWriteStream(node.path(`${JOURNAL}/${unit.name}.log`), { flags: 'a' })
  journal.on('error', () => undefined)
  const starts: number[] = []
  try {
    while (!off.aborted) {
      starts.push(performance.now())
      const running = await startUnit(node, unit, topology, journal).catch(() => undefined)
      if (!running) return
      const stop = () => running.signal('SIGTERM', 'unit')
      off.addEventListener('abort', stop, { once: true })
      const exit = await running.exited
      off.removeEventListener('abort', stop)
      if (off.aborted || (unit.restart === 'on-failure' && exit.code === 0)) return
      const recent = starts.filter((at) => performance.now() - at < START_LIMIT.intervalMs)
      if (recent.length >= START_LIMIT.burst) {
        journal.write(`${unit.name}: start request repeated too quickly\n`)
        return
      }
      await delay(RESTART_DELAY_MS)
    }
  } finally {
    journal.end()
  }
}

function startUnit(
  node: Node,
  unit: Unit,
  topology: Topology,
  journal: NodeJS.WritableStream,
): Promise<RunningProcess> {
  return node.start({
    argv: unit.argv,
    env: { ...nodeEnvironment(node, topology), ...unit.env },
    component: unit.name,
    onOutput: (_stream, chunk) => void journal.write(chunk),
  })
}
