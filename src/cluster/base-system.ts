/** The small files under /etc that make a sandbox a machine with a name, users and neighbours. */
import type { NodeSummary, Topology } from '../wire/lab.ts'
import { ENDPOINT, LEARNER } from './facts.ts'
import { layout } from './layout.ts'
import type { NodeFile } from './spec.ts'

export function baseSystem(node: NodeSummary, topology: Topology): Record<string, NodeFile> {
  return {
    '/etc/hostname': readable(`${node.name}\n`),
    '/etc/hosts': readable(hosts(topology)),
    '/etc/passwd': readable(PASSWD),
    '/etc/group': readable(GROUP),
    '/etc/nsswitch.conf': readable('passwd: files\ngroup: files\nshadow: files\nhosts: files\n'),
    '/etc/resolv.conf': readable(RESOLV_CONF),
  }
}

export function readable(content: string): NodeFile {
  return { content, mode: 0o644 }
}

export function secret(content: string): NodeFile {
  return { content, mode: 0o600 }
}

function hosts(topology: Topology): string {
  const lines = [
    '127.0.0.1 localhost',
    '::1 localhost ip6-localhost ip6-loopback',
    `${ENDPOINT.address} ${ENDPOINT.name}`,
    ...layout(topology).map(({ name, address }) => `${address} ${name}`),
  ]
  return `${lines.join('\n')}\n`
}

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
haproxy:x:100:101::/var/lib/haproxy:/usr/sbin/nologin
${LEARNER.name}:x:${LEARNER.uid}:${LEARNER.uid}::${LEARNER.home}:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`
const GROUP = `root:x:0:
daemon:x:1:
tty:x:5:
haproxy:x:101:
${LEARNER.name}:x:${LEARNER.uid}:
nogroup:x:65534:
`
/**
 * No name server exists in a lab. glibc does not ask one (nsswitch.conf); Go programs do, and get a
 * refusal from the loopback at once instead of a time-out.
 */
const RESOLV_CONF = 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n'
