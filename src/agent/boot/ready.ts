/** When a lab is usable, and when it is ready: as the contract defines both. */
import { ENDPOINT } from '../../cluster/facts.ts'
import { etcdNodes } from '../../cluster/layout.ts'
import type { Node } from '../../engines/types.ts'
import type { History } from '../../grading/index.ts'
import { createKubeClient } from '../../kube/index.ts'
import type { V1NodeList, V1ServiceAccount } from '@kubernetes/client-node'
import type { Topology } from '../../wire/lab.ts'
import { showServers } from '../recorder/balancer.ts'
import type { BootedCluster } from './boot.ts'
import {
  controllerManagerHealthy,
  etcdReady,
  readyz,
  schedulerHealthy,
  until,
  type Waiting,
} from './conditions.ts'

const ELECTED = ['kube-controller-manager', 'kube-scheduler'] as const

/** The API answers through the balancer, both leases are held by processes of this boot, `default/default` exists. */
export async function untilUsable(
  booted: BootedCluster,
  history: History,
  signal: AbortSignal,
): Promise<void> {
  const client = adminClient(booted)
  const waiting: Waiting = { signal }
  try {
    await Promise.all([
      until('the API answering through the balancer', () => readyz(ENDPOINT.address), waiting),
      until(
        'the default ServiceAccount',
        async () => {
          await client.get<V1ServiceAccount>('/api/v1/namespaces/default/serviceaccounts/default')
          return true
        },
        waiting,
      ),
      // The snapshot that a lab starts from holds no leases: whoever holds one runs now.
      ...ELECTED.map((name) =>
        until(
          `a holder of ${name}`,
          async () =>
            history.leases(name, { since: 'boot' }).some(({ identity }) => identity !== ''),
          waiting,
        ),
      ),
    ])
  } finally {
    await client.close()
  }
}

/** Every member answers its own health check, all Nodes are Ready, the balancer has every server in rotation. */
export async function untilReady(
  booted: BootedCluster,
  topology: Topology,
  signal: AbortSignal,
): Promise<void> {
  const waiting: Waiting = { signal, everyMs: 100 }
  const nodes = [...booted.cluster.nodes.values()]
  const members = new Set(etcdNodes(topology).map(({ name }) => name))
  const controlPlanes = nodes.filter(({ role }) => role === 'control-plane')
  const each = (what: string, which: readonly Node[], ask: (node: Node) => Promise<boolean>) =>
    which.map((node) => until(`${what} of ${node.name} healthy`, () => ask(node), waiting))
  const client = adminClient(booted)
  try {
    await Promise.all([
      ...each(
        'etcd',
        nodes.filter(({ name }) => members.has(name)),
        etcdReady,
      ),
      ...each('the API server', controlPlanes, (node) => readyz(node.address)),
      ...each('the controller manager', controlPlanes, controllerManagerHealthy),
      ...each('the scheduler', controlPlanes, schedulerHealthy),
      ...each(
        'the balancer',
        nodes.filter(({ role }) => role === 'load-balancer'),
        async (node) => {
          const servers = await showServers(node)
          return servers.length === controlPlanes.length && servers.every(({ up }) => up)
        },
      ),
      until(
        'all Nodes Ready',
        async () => {
          const { items } = await client.get<V1NodeList>('/api/v1/nodes')
          const ready = items.filter(({ status }) =>
            status?.conditions?.some(
              (condition) => condition.type === 'Ready' && condition.status === 'True',
            ),
          )
          return (
            ready.length ===
            nodes.filter(({ role }) => role === 'control-plane' || role === 'worker').length
          )
        },
        waiting,
      ),
    ])
  } finally {
    await client.close()
  }
}

function adminClient(booted: BootedCluster) {
  return createKubeClient({
    server: `https://${ENDPOINT.address}:6443`,
    ca: booted.credentials.ca,
    ...booted.credentials.recorder,
  })
}
