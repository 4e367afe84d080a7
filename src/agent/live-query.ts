/** Questions of graders to the running cluster, with their own credentials; nothing asked changes the lab. */
import { PORTS } from '../cluster/facts.ts'
import type { LiveQuery, Observed } from '../grading/index.ts'
import { createKubeClient, failureReason, KubeApiError, type KubeClient } from '../kube/index.ts'
import type { BootedCluster } from './boot/boot.ts'
import type { EvidenceLog } from './evidence-log.ts'
import { LIMITS } from './limits.ts'

export function liveQuery(booted: () => BootedCluster | undefined, log: EvidenceLog): LiveQuery {
  const clients = new WeakMap<BootedCluster, KubeClient[]>()
  return {
    async get<T>(path: string, signal: AbortSignal): Promise<Observed<T>> {
      const now = booted()
      if (!now) return { ok: false, reason: 'the cluster is not running' }
      const servers = clients.get(now) ?? connect(now)
      clients.set(now, servers)
      let last: Observed<T> = { ok: false, reason: 'no API server answers' }
      // Any server with a majority behind it will do; one that has lost it says so by not answering.
      for (const client of servers) {
        if (signal.aborted) break
        try {
          return { ok: true, value: await client.get<T>(path) }
        } catch (error) {
          if (error instanceof KubeApiError && error.status < 500) {
            return { ok: false, status: error.status, reason: error.message }
          }
          last = { ok: false, reason: failureReason(error) }
        }
      }
      return last
    },
    async exec(node, argv, signal) {
      const found = booted()?.cluster.nodes.get(node)
      if (!found) return { ok: false, reason: `no node ${node}` }
      try {
        const value = await found.exec(argv, { signal, timeoutMs: 10_000 })
        log.append({ kind: 'command', node, argv, exitCode: value.exitCode, by: 'grader' })
        return { ok: true, value }
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}

function connect({ cluster, credentials }: BootedCluster): KubeClient[] {
  return [...cluster.nodes.values()]
    .filter(({ role }) => role === 'control-plane')
    .map(({ address }) =>
      createKubeClient({
        server: `https://${address}:${PORTS.api}`,
        ca: credentials.ca,
        ...credentials.grader,
        timeoutMs: LIMITS.probeTimeoutMs,
      }),
    )
}
