import { isKubeApiError } from '../kube/index.ts'
import type { KubeClient, KubeLease, KubeNode } from '../kube/index.ts'
import type { Node } from '../engines/types.ts'
import type { Journal } from './journal.ts'
import type { KubeletTimers } from './limits.ts'
import { CONTROL_PLANE_LABEL, nodeObject, nodeStatus, statusDiffers } from './node-object.ts'
import type { NodeFacts } from './node-object.ts'
import { backOffMs, repeat, rest } from './repeat.ts'
import type { LoopContext } from './repeat.ts'

export interface RegistrationContext extends LoopContext {
  readonly node: Node
  readonly client: KubeClient
  /** Opens a client that may set the role label, which a kubelet's own identity may not. */
  readonly admin: (() => KubeClient) | undefined
  readonly facts: NodeFacts
  readonly journal: Journal
  readonly timers: KubeletTimers
}

/** Creates the Node, or brings the one of an earlier start up to date; tries until it works. */
export async function registerNode(context: RegistrationContext): Promise<KubeNode | null> {
  const { node, client, signal, activity, journal, timers } = context
  let told = false
  while (!signal.aborted) {
    await activity.whenActive(signal)
    try {
      const registered = await createOrAdopt(context)
      journal.log(`"Successfully registered node" node="${node.name}"`)
      return registered
    } catch (error) {
      if (signal.aborted) return null
      if (!told) {
        const server = `API server="${client.server}"`
        journal.error(
          `"Unable to register node with API server" node="${node.name}" ${server}`,
          error,
        )
      }
      told = true
      await rest(timers.registerRetryMs, signal)
    }
  }
  return null
}

async function createOrAdopt({ node, client, facts }: RegistrationContext): Promise<KubeNode> {
  const wanted = nodeObject(node, facts, new Date())
  try {
    return await client.create('/api/v1/nodes', wanted)
  } catch (error) {
    if (!isKubeApiError(error, 409)) throw error
  }
  const path = `/api/v1/nodes/${node.name}`
  const held = await client.get<KubeNode>(path)
  const status = nodeStatus(node, facts, held.status?.conditions ?? [], new Date())
  await client.patch(path, { metadata: { labels: wanted.metadata?.labels } }, 'strategic')
  return client.patch<KubeNode>(`${path}/status`, { status }, 'strategic')
}

/** `node-role.kubernetes.io/control-plane`, with credentials of an administrator as kubeadm does it. */
export async function labelRole(context: RegistrationContext, registered: KubeNode): Promise<void> {
  const { node, admin } = context
  if (!admin || node.role !== 'control-plane') return
  if (registered.metadata?.labels?.[CONTROL_PLANE_LABEL] !== undefined) return
  const done = new AbortController()
  const signal = AbortSignal.any([context.signal, done.signal])
  await repeat(
    { activity: context.activity, signal },
    async () => {
      const body = { metadata: { labels: { [CONTROL_PLANE_LABEL]: '' } } }
      await using client = admin()
      await client.patch(`/api/v1/nodes/${node.name}`, body, 'merge')
      done.abort()
      return 0
    },
    (_error, failures) => backOffMs(failures, 250, 5_000),
  )
}

/** Keeps the Node's status: looks every 10 s, writes what changed, and all of it each 5 min. */
export async function keepNodeStatus(context: RegistrationContext): Promise<void> {
  const { node, client, facts, timers, journal } = context
  const path = `/api/v1/nodes/${node.name}`
  let reportedAt = performance.now()
  await rest(timers.statusCheckMs, context.signal)
  await repeat(
    context,
    async () => {
      // From the API server's cache, as kubelets read it: it answers when etcd does not.
      const held = await client.get<KubeNode>(path, { resourceVersion: 0 })
      const status = nodeStatus(node, facts, held.status?.conditions ?? [], new Date())
      const due = performance.now() - reportedAt >= timers.statusReportMs
      if (due || statusDiffers(held.status, status)) {
        await client.patch(`${path}/status`, { status }, 'strategic')
        reportedAt = performance.now()
      }
      return timers.statusCheckMs
    },
    (error, failures) => {
      journal.error('"Error updating node status, will retry"', error)
      return backOffMs(failures, 500, timers.statusCheckMs)
    },
  )
}

/** Renews the node's Lease in kube-node-lease. `recovered` is called when it works again after failures. */
export async function keepLease(
  context: RegistrationContext,
  nodeUid: string,
  recovered: () => void,
): Promise<void> {
  const { node, client, journal, timers } = context
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  let held: KubeLease | null = null
  let failing = false

  async function read(): Promise<KubeLease | null> {
    try {
      return await client.get<KubeLease>(`${path}/${node.name}`)
    } catch (error) {
      if (isKubeApiError(error, 404)) return null
      throw error
    }
  }
  await repeat(
    context,
    async () => {
      held ??= await read()
      const lease = renewed(held, node.name, nodeUid, timers.leaseDurationSeconds)
      held = held
        ? await client.update<KubeLease>(`${path}/${node.name}`, lease)
        : await client.create<KubeLease>(path, lease)
      if (failing) recovered()
      failing = false
      return timers.leaseRenewMs
    },
    (error, failures) => {
      // Somebody else wrote or deleted it: read it again.
      held = null
      failing = true
      journal.error('"Failed to update lease"', error)
      return backOffMs(failures, 200, 7_000)
    },
  )
}

function renewed(
  held: KubeLease | null,
  name: string,
  nodeUid: string,
  leaseDurationSeconds: number,
): KubeLease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: 'kube-node-lease',
      ...held?.metadata,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: nodeUid }],
    },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  }
}
