import { join } from 'node:path'
import type { Node } from '../engines/types.ts'
import { createKubeClient } from '../kube/index.ts'
import type { KubeClient, KubePod } from '../kube/index.ts'
import { followApiPods } from './api-pods.ts'
import type { ApiPods } from './api-pods.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { createEventWriter } from './events.ts'
import { openJournal } from './journal.ts'
import { DEFAULT_TIMERS } from './limits.ts'
import type { KubeletTimers } from './limits.ts'
import { machineFacts } from './machine-facts.ts'
import { watchManifests } from './manifest-source.ts'
import type { NodeFacts } from './node-object.ts'
import { keepLease, keepNodeStatus, labelRole, registerNode } from './node-registration.ts'
import { createPods } from './pods.ts'
import { serveKubelet } from './serving.ts'
import type { ServingIdentity } from './serving.ts'

export interface KubeletApi {
  /** The node's own API server, or the balancer for a worker; a name or address in its certificate. */
  readonly host: string
  readonly port: number
  /** PEM. */
  readonly ca: string
  /** `system:node:<name>` of group `system:nodes`. */
  readonly cert: string
  readonly key: string
}
export interface KubeletOptions {
  readonly node: Node
  readonly runtime: ContainerRuntime
  readonly api: KubeletApi
  readonly serving: ServingIdentity
  /** Folder of the agent for a Unix socket; short, for a socket's path has at most 107 bytes. */
  readonly socketDir: string
  /** Opens an administrator's client to set the role label, closed after use; absent: somebody else sets it. */
  readonly admin?: () => KubeClient
  readonly facts?: Partial<NodeFacts>
  readonly timers?: Partial<KubeletTimers>
}

/** A node's kubelet. Ends by itself when the node loses its power. */
export interface Kubelet extends AsyncDisposable {
  /** Resolves when the Node object exists, or the kubelet has stopped. */
  readonly registered: Promise<void>
  /** Pods it runs, with their status as it sees it. */
  pods(): readonly KubePod[]
  /** Reads the manifests now, for whoever has just written one. */
  rescan(): Promise<void>
  /** Leaves the containers running, as `systemctl stop kubelet` does. */
  stop(): Promise<void>
}

/** Static Pods are being started when this resolves; the API is not waited for. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { node, runtime } = options
  const timers = { ...DEFAULT_TIMERS, ...options.timers }
  const facts = { ...machineFacts(), ...options.facts }
  const journal = openJournal(node)
  const stopping = new AbortController()
  const { signal } = stopping
  const { activity } = runtime
  await using undo = new AsyncDisposableStack()
  journal.log(
    `"Starting kubelet" node="${node.name}" server="${options.api.host}:${options.api.port}"`,
  )

  const client = await connect(options, timers)
  undo.defer(() => client.close())
  const events = createEventWriter(client, node.name, signal)
  let api: ApiPods | null = null
  const pods = createPods({
    node,
    runtime,
    journal,
    event: events.write,
    statusChanged: () => api?.reconcile(),
    confirmDeleted: async (pod) => api?.confirmDeleted(pod),
    signal,
  })
  undo.defer(() => pods.detach())
  const manifests = await watchManifests({
    node,
    activity,
    journal,
    rescanMs: timers.rescanMs,
    onPods: pods.setStatic,
  })
  undo.use(manifests)
  const context = { node, client, admin: options.admin, facts, journal, timers, activity, signal }
  api = followApiPods({
    ...context,
    nodeName: node.name,
    workers: pods.workers,
    onPods: pods.setBound,
  })
  const follow = api
  const registered = registerNode(context).then((registeredNode) => {
    if (!registeredNode) return
    follow.setNode(registeredNode)
    void labelRole(context, registeredNode)
    void keepNodeStatus(context)
    void keepLease(context, registeredNode.metadata?.uid ?? '', follow.reconnect)
  })
  undo.use(
    await serveKubelet({
      node,
      runtime,
      identity: options.serving,
      socketPath: join(options.socketDir, `kubelet-${node.name}.sock`),
      pods: pods.list,
      podUid: pods.uidOf,
    }),
  )

  const owned = undo.move()
  let stopped: Promise<void> | null = null
  const stop = () => (stopped ??= end())
  async function end(): Promise<void> {
    journal.log('"Shutting down kubelet"')
    stopping.abort()
    await owned.disposeAsync()
    await journal.flush()
  }
  if (node.poweredOff.aborted) await stop()
  else node.poweredOff.addEventListener('abort', () => void stop(), { once: true })

  return {
    registered,
    pods: pods.list,
    rescan: () => manifests.rescan(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** All that it says to the API goes out of the node's own network. */
async function connect({ node, api }: KubeletOptions, timers: KubeletTimers): Promise<KubeClient> {
  const { host, port, ca, cert, key } = api
  return createKubeClient({
    server: `https://${host}:${port}`,
    socketPath: await node.relay({ host, port }),
    ca,
    cert,
    key,
    timeoutMs: timers.requestTimeoutMs,
  })
}
