/**
 * Processes that nobody started through the engine: a component that a learner runs by hand. Seen by
 * looking every quarter of a second, so shorter lives go unseen; what kubelet and units start is
 * known exactly and left out here.
 */
import type { EngineIo } from '../types.ts'
import type { NamespaceNode } from './node.ts'
import { allPids, commandLine, innerPid, pidNamespace } from './proc.ts'

const SCAN_MS = 250
const COMPONENTS = /^(etcd|kube-[a-z-]+|haproxy|keepalived)$/

interface Seen {
  readonly node: string
  readonly component: string
  readonly pid: number
}

export function scanProcesses(
  nodes: ReadonlyMap<string, NamespaceNode>,
  io: EngineIo,
): { stop(): void } {
  /** By outer pid: undefined for those that were looked at and are none of ours. */
  const known = new Map<number, Seen | undefined>()
  /** Seen once: the engine may be about to say that it has started them. */
  const young = new Set<number>()
  const timer = setInterval(() => {
    for (const node of nodes.values()) if (node.power === 'on') node.wakeWaiters()
    const present = new Set(allPids())
    for (const [pid, seen] of known) {
      if (present.has(pid)) continue
      known.delete(pid)
      if (seen) io.process({ ...seen, event: 'exit', code: null, signal: null })
    }
    const unknown = [...present].filter((pid) => !known.has(pid))
    if (unknown.length === 0) return
    const byNamespace = new Map(
      [...nodes.values()].flatMap((node) =>
        node.pid === undefined ? [] : [[pidNamespace(node.pid), node] as const],
      ),
    )
    for (const pid of unknown) {
      const node = byNamespace.get(pidNamespace(pid))
      const component = commandLine(pid)[0]?.split('/').at(-1) ?? ''
      // Programs are exec'd a moment after the fork: look at young shells and nsenters again.
      if (!node || node.isTracked(pid) || !COMPONENTS.test(component)) {
        if (!/^(sh|bash|nsenter|)$/.test(component)) known.set(pid, undefined)
        continue
      }
      // Workers of a unit are not components of their own.
      if (component === 'haproxy' || component === 'keepalived') {
        known.set(pid, undefined)
        continue
      }
      if (!young.delete(pid)) {
        young.add(pid)
        continue
      }
      const seen = { node: node.name, component, pid: innerPid(pid) ?? 0 }
      known.set(pid, seen)
      io.process({ ...seen, event: 'start' })
    }
  }, SCAN_MS)
  return { stop: () => clearInterval(timer) }
}
