/** What systemd would run on nodes: services that are no static Pods. */
import type { NodeSummary } from '../wire/lab.ts'
import { etcdCommand } from './etcd.ts'
import type { ClusterSpec } from './spec.ts'

export interface Unit {
  readonly name: string
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly restart: 'always' | 'on-failure'
}

export const HAPROXY_CONFIG = '/etc/haproxy/haproxy.cfg'
export const KEEPALIVED_CONFIG = '/etc/keepalived/keepalived.conf'

export function unitsOf(node: NodeSummary, { topology, timers = {} }: ClusterSpec): Unit[] {
  switch (node.role) {
    case 'load-balancer':
      return topology.balancers === 1 ? [HAPROXY] : [HAPROXY, KEEPALIVED]
    case 'etcd':
      return [{ name: 'etcd', argv: etcdCommand(node, topology, timers), restart: 'always' }]
    default:
      return []
  }
}

/** In master-worker mode, as Debian's unit: SIGUSR2 reloads, and the worker ends with its master. */
const HAPROXY: Unit = {
  name: 'haproxy',
  argv: ['haproxy', '-W', '-db', '-f', HAPROXY_CONFIG],
  restart: 'on-failure',
}

/** Without its IPVS and BFD halves, which need kernel modules. */
const KEEPALIVED: Unit = {
  name: 'keepalived',
  argv: [
    'keepalived',
    '--dont-fork',
    '--log-console',
    '--vrrp',
    '--pid=/run/keepalived.pid',
    '--vrrp_pid=/run/keepalived-vrrp.pid',
    `--use-file=${KEEPALIVED_CONFIG}`,
  ],
  restart: 'on-failure',
}
