/**
 * Pods on a node: each has a network namespace and a host name of its own, held by a process that
 * only sleeps (as a container runtime's pause container), and a link to the node's bridge.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { HalabError } from '../../errors.ts'
import type { Sandbox, SandboxSpec } from '../types.ts'
import { nsenter, run } from './command.ts'
import { childrenOf, trySignal } from './proc.ts'

const BRIDGE = 'cni0'

export interface PodNetwork {
  create(spec: SandboxSpec): Promise<Sandbox>
  /** Outer pid of the process that holds a sandbox. */
  pidOf(id: string): number
  /** Continues the nsenters that wait for sandboxes: they stop themselves when a node is frozen. */
  wake(): void
}

export function createPodNetwork(nodePid: number, cidr: string): PodNetwork {
  const [network = '', length = '24'] = cidr.split('/')
  const gateway = network.replace(/\.0$/, '.1')
  const holders = new Map<string, Holder>()
  let count = 0
  let bridge: Promise<unknown> | undefined
  const onNode = (commands: string) =>
    run('nsenter', [...nsenter.network(nodePid), 'ip', '-batch', '-'], commands)

  return {
    async create({ id, hostname, address }) {
      bridge ??= onNode(
        `link add ${BRIDGE} type bridge\naddr add ${gateway}/${length} dev ${BRIDGE}\nlink set ${BRIDGE} up\n`,
      )
      await bridge
      const holder = await hold(nodePid, hostname)
      const link = `veth${(count += 1)}`
      await onNode(
        `link add ${link} type veth peer name eth0 netns ${holder.pid}\nlink set ${link} master ${BRIDGE} up\n`,
      )
      await run(
        'nsenter',
        [...nsenter.network(holder.pid), 'ip', '-batch', '-'],
        `addr add ${address}/${length} dev eth0\nlink set lo up\nlink set eth0 up\nroute add default via ${gateway}\n`,
      )
      holders.set(id, holder)
      return {
        id,
        address,
        async [Symbol.asyncDispose]() {
          holders.delete(id)
          const ended = new Promise((resolve) => holder.child.once('exit', resolve))
          // Its link goes with the namespace, and the namespace with the last process in it.
          if (holder.child.exitCode === null && trySignal(holder.pid, 'SIGKILL')) {
            trySignal(holder.child.pid ?? 0, 'SIGCONT')
            await ended
          }
        },
      }
    },
    pidOf(id) {
      const pid = holders.get(id)?.pid
      if (pid === undefined)
        throw new HalabError('unknown-sandbox', `no sandbox ${id} on this node`)
      return pid
    },
    wake() {
      for (const { child } of holders.values()) trySignal(child.pid ?? 0, 'SIGCONT')
    },
  }
}

interface Holder {
  readonly child: ChildProcess
  readonly pid: number
}

function hold(nodePid: number, hostname: string): Promise<Holder> {
  const child = spawn(
    'nsenter',
    [
      ...nsenter.whole(nodePid),
      ...['unshare', '--net', '--uts', '/bin/sh', '-c'],
      ...['hostname "$1"; echo up; exec sleep infinity', 'sh', hostname],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
  )
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => {
      const [pid] = childrenOf(child.pid ?? 0)
      if (pid === undefined) reject(new HalabError('sandbox-failed', 'a Pod sandbox ended at once'))
      else resolve({ child, pid })
    })
    child.once('exit', () =>
      reject(new HalabError('sandbox-failed', 'a Pod sandbox could not be made')),
    )
    child.once('error', reject)
  })
}
