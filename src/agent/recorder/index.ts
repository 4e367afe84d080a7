/** The recorder: all sources of evidence that have to be asked. Processes and faults tell themselves. */
import type { Cluster, Node } from '../../engines/types.ts'
import type { AgentCredentials } from '../../cluster/index.ts'
import { etcdNodes } from '../../cluster/layout.ts'
import { ENDPOINT, PORTS } from '../../cluster/facts.ts'
import { createKubeClient, type KubeClient } from '../../kube/index.ts'
import type { Observation } from '../../wire/evidence.ts'
import type { Topology } from '../../wire/lab.ts'
import type { LabClock } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import { probeApi } from './api-probes.ts'
import { recordBalancer } from './balancer.ts'
import { recordEtcd } from './etcd.ts'
import { gapRecorder } from './gaps.ts'
import { recordLeases } from './leases.ts'
import { recordNodes, recordPods } from './objects.ts'

export interface RecorderOptions {
  readonly cluster: Cluster
  readonly topology: Topology
  readonly credentials: AgentCredentials
  readonly clock: LabClock
  readonly record: (observation: Observation) => void
}

export interface Recorder extends AsyncDisposable {
  /** Asks nothing any more; the time until `resume` is a gap, never downtime. */
  pause(): Promise<void>
  resume(): void
}

export function startRecorder(options: RecorderOptions): Recorder {
  const pause = gapRecorder('pause', options.clock, options.record)
  let session = record(options)
  return {
    async pause() {
      pause.open()
      await session[Symbol.asyncDispose]()
    },
    resume() {
      pause.close()
      session = record(options)
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

function record(options: RecorderOptions): AsyncDisposable {
  const { cluster, topology, credentials, clock, record } = options
  const over = new AbortController()
  const clients: KubeClient[] = []
  const clientOf = (address: string, servername?: string): KubeClient => {
    const client = createKubeClient({
      server: `https://${address}:${PORTS.api}`,
      ...(servername && { servername }),
      ca: credentials.ca,
      ...credentials.recorder,
      timeoutMs: 2 * LIMITS.probeTimeoutMs,
    })
    clients.push(client)
    return client
  }
  const nodes = [...cluster.nodes.values()]
  const servers = new Map(
    nodes.filter(isRole('control-plane')).map((node) => [node.name, clientOf(node.address)]),
  )
  const balancer = clientOf(ENDPOINT.address)

  probeApi(
    {
      target: 'lb',
      client: clientOf(ENDPOINT.address),
      clock,
      record,
      ops: [{ op: 'write', everyMs: LIMITS.writeEveryMs }],
    },
    over.signal,
  )
  for (const node of nodes.filter(isRole('control-plane'))) {
    probeApi(
      {
        target: node.name,
        client: clientOf(node.address),
        clock,
        record,
        ops: [
          { op: 'readyz', everyMs: LIMITS.readyzEveryMs },
          { op: 'read', everyMs: LIMITS.readEveryMs },
          { op: 'write', everyMs: LIMITS.readEveryMs },
        ],
      },
      over.signal,
    )
  }
  recordLeases({ servers, clock, record }, over.signal)
  recordNodes(balancer, clock, record, over.signal)
  recordPods(balancer, clock, record, over.signal)
  const members = new Set(etcdNodes(topology).map(({ name }) => name))
  recordEtcd(
    {
      members: nodes.filter(({ name }) => members.has(name)),
      ca: credentials.etcdCa,
      client: credentials.etcdClient,
      clock,
      record,
    },
    over.signal,
  )
  for (const node of nodes.filter(isRole('load-balancer'))) {
    recordBalancer(node, record, over.signal)
  }
  return {
    async [Symbol.asyncDispose]() {
      over.abort()
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

const isRole = (role: Node['role']) => (node: Node) => node.role === role
