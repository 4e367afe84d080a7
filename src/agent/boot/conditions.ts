/** What boot waits for: each a question that answers yes or no at once. */
import { request } from 'node:http'
import { Agent, request as requestTls } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { HalabError } from '../../errors.ts'
import type { Node } from '../../engines/types.ts'
import { PORTS } from '../../cluster/facts.ts'
import type { AgentCredentials } from '../../cluster/index.ts'
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

/** Whether a server has opened its port; an API server does that a good while before it serves. */
export function hasOpenPort(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: LIMITS.probeTimeoutMs })
    const answer = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
    socket.once('timeout', () => answer(false))
  })
}

/** Whether a server serves, whatever it answers. */
export async function serves(address: string, port: number): Promise<boolean> {
  return (await status('https', { host: address, port, path: '/livez' })) !== undefined
}
export async function readyz(address: string): Promise<boolean> {
  return (await status('https', { host: address, port: PORTS.api, path: '/readyz' })) === 200
}

/** Ready, or ready but for the hooks that every API server finishes last. */
export async function almostReady(
  address: string,
  { ca, recorder }: Pick<AgentCredentials, 'ca' | 'recorder'>,
): Promise<boolean> {
  const { text } = await ask('https', {
    host: address,
    port: PORTS.api,
    path: '/readyz?verbose',
    ca,
    ...recorder,
  })
  if (text === undefined || !text.includes('[+]ping')) return false
  const pending = [...text.matchAll(/^\[-\](\S+)/gm)].map(([, name]) => name)
  return pending.every((name) => LAST_HOOKS.has(name ?? ''))
}

const LAST_HOOKS = new Set([
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/start-service-ip-repair-controllers',
])

/** Asked over and over while they start: one handshake each instead of forty a second. */
const asked = new Agent({ keepAlive: true, maxSockets: 2, timeout: 2 * LIMITS.probeTimeoutMs })

type Target = {
  readonly path: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
} & ({ readonly socketPath: string } | { readonly host: string; readonly port: number })

async function status(scheme: 'http' | 'https', target: Target): Promise<number | undefined> {
  return (await ask(scheme, target)).status
}

/** Both undefined when no whole answer came. */
function ask(
  scheme: 'http' | 'https',
  target: Target,
): Promise<{ status?: number; text?: string }> {
  const send = scheme === 'http' ? request : requestTls
  return new Promise((resolve) => {
    const outgoing = send(
      {
        ...target,
        agent: 'host' in target && scheme === 'https' ? asked : false,
        rejectUnauthorized: false,
        timeout: LIMITS.probeTimeoutMs,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          resolve({
            text,
            ...(response.statusCode !== undefined && { status: response.statusCode }),
          })
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve({}))
    outgoing.on('close', () => resolve({}))
    outgoing.end()
  })
}
