/**
 * The lab's own network: one bridge in the lab's outer namespaces, a link to every node. All cuts
 * are made on the outer side, where no root of a node can see or mend them.
 */
import type { NodeSummary } from '../../wire/lab.ts'
import { AGENT_ADDRESS } from '../../cluster/facts.ts'
import { nsenter, run } from './command.ts'

const BRIDGE = 'br0'

/** Names of links have room for 15 bytes. */
export const linkOf = (node: string) => `v-${node}`.slice(0, 15)

export async function createBridge(): Promise<void> {
  await run(
    'ip',
    ['-batch', '-'],
    `link add ${BRIDGE} type bridge
addr add ${AGENT_ADDRESS}/24 dev ${BRIDGE}
link set ${BRIDGE} up
`,
  )
  await run(
    'nft',
    ['-f', '-'],
    'add table bridge halab\nadd chain bridge halab cut { type filter hook forward priority 0 ; }\n',
  )
}

/** Gives the namespaces of `pid` an `eth0` on the bridge with the node's addresses and routes. */
export async function connectNode(
  node: NodeSummary,
  pid: number,
  options: { routes: readonly string[]; extra: readonly string[] },
): Promise<void> {
  const link = linkOf(node.name)
  await run(
    'ip',
    ['-batch', '-'],
    `link add ${link} type veth peer name eth0 netns ${pid}
link set ${link} master ${BRIDGE} up
`,
  )
  const inside = [
    'addr add ' + `${node.address}/24 dev eth0`,
    'link set lo up',
    'link set eth0 up',
    // Nothing answers there: a route is needed all the same, or connections to Service addresses
    // would be refused before nftables could rewrite them.
    `route add default via ${AGENT_ADDRESS}`,
    ...options.extra.map((address) => `addr add ${address}/24 dev eth0`),
    ...options.routes.map((route) => `route add ${route}`),
  ]
  await run('nsenter', [...nsenter.network(pid), 'ip', '-batch', '-'], inside.join('\n') + '\n')
}

/** A node forwards to its Pods. Done from outside: its own /proc/sys is read-only. */
export async function allowForwarding(pid: number): Promise<void> {
  const write = 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  await run('nsenter', [...nsenter.network(pid), '/bin/sh', '-c', write])
}

/** Also removes what is left of the link of a node that lost its power. */
export async function removeLink(node: string): Promise<void> {
  await run('ip', ['link', 'del', linkOf(node)]).catch(() => undefined)
}

export function setLink(node: string, state: 'up' | 'down'): Promise<string> {
  return run('ip', ['link', 'set', linkOf(node), state])
}

export interface Cut {
  readonly from: string
  readonly to: string
}

/** Frames between the links of two nodes are dropped in the directions given; replaces all cuts. */
export async function applyCuts(cuts: readonly Cut[]): Promise<void> {
  const rules = cuts.map(
    ({ from, to }) =>
      `add rule bridge halab cut iifname "${linkOf(from)}" oifname "${linkOf(to)}" drop`,
  )
  await run('nft', ['-f', '-'], ['flush chain bridge halab cut', ...rules].join('\n') + '\n')
}
