/** What boot waits for: each a question that answers yes or no at once. */
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { HalabError } from '../../errors.ts'
import type { Node } from '../../engines/types.ts'
import { PORTS } from '../../cluster/facts.ts'
import { LIMITS } from '../limits.ts'

export interface Waiting {
  readonly signal: AbortSignal
  readonly timeoutMs?: number
  readonly everyMs?: number
}

/** Polls until the answer is yes. Throws `boot-timeout` naming what it waited for, or what `signal` aborts with. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  waiting: Waiting,
): Promise<void> {
  const { signal, timeoutMs = LIMITS.bootTimeoutMs, everyMs = LIMITS.bootPollMs } = waiting
  const deadline = performance.now() + timeoutMs
  while (!(await condition().catch(() => false))) {
    signal.throwIfAborted()
    if (performance.now() > deadline) {
      throw new HalabError(
        'boot-timeout',
        `${what} did not happen within ${Math.round(timeoutMs / 1000)} s`,
        {
          hint: 'is the machine short of memory or CPU? `halab doctor` looks',
        },
      )
    }
    await delay(everyMs, undefined, { signal })
  }
}

/** etcd's own health endpoint on the node's loopback: 200 once it takes part in a quorum. */
export const etcdReady = (node: Node) => answers(node, 'http', PORTS.etcdMetrics, '/readyz')
export const controllerManagerHealthy = (node: Node) =>
  answers(node, 'https', PORTS.controllerManager, '/healthz')
export const schedulerHealthy = (node: Node) => answers(node, 'https', PORTS.scheduler, '/healthz')

async function answers(
  node: Node,
  scheme: 'http' | 'https',
  port: number,
  path: string,
): Promise<boolean> {
  const socketPath = await node.relay({ host: '127.0.0.1', port })
  return (await status(scheme, { socketPath, path })) === 200
}

/** Whether a server listens at all, whatever it answers. */
export async function listens(address: string, port: number): Promise<boolean> {
  return (await status('https', { host: address, port, path: '/livez' })) !== undefined
}
export async function readyz(address: string): Promise<boolean> {
  return (await status('https', { host: address, port: PORTS.api, path: '/readyz' })) === 200
}

type Target = { path: string } & ({ socketPath: string } | { host: string; port: number })

function status(scheme: 'http' | 'https', target: Target): Promise<number | undefined> {
  const send = scheme === 'http' ? request : requestTls
  return new Promise((resolve) => {
    const outgoing = send(
      { ...target, agent: false, rejectUnauthorized: false, timeout: LIMITS.probeTimeoutMs },
      (response) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(undefined))
    outgoing.on('close', () => resolve(undefined))
    outgoing.end()
  })
}
