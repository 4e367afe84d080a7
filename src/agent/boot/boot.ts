/**
 * From nothing to a control plane that answers, in the order measured as fastest on two cores: an
 * API server needs 1.4 s of CPU until it serves and then mostly waits. So the first starts beside
 * etcd, its leader candidates and the next server when it begins to wait, and so on.
 */
import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { promisify } from 'node:util'
import {
  clusterFiles,
  etcdNodes,
  etcdRestoreArgs,
  staticPodOrder,
  unitsOf,
} from '../../cluster/index.ts'
import type { AgentCredentials, ClusterFiles, ClusterSpec } from '../../cluster/index.ts'
import { ENDPOINT, ETCD_DATA, PORTS } from '../../cluster/facts.ts'
import type { Cluster, Engine, EngineIo, Node } from '../../engines/types.ts'
import {
  almostReady,
  etcdReady,
  hasOpenPort,
  readyz,
  serves,
  until,
  type Waiting,
} from './conditions.ts'
import { placeFiles, placeManifest } from './place-files.ts'
import { createNodeServices, type NodeServices } from './services.ts'

export interface BootOptions {
  readonly engine: Engine
  readonly spec: ClusterSpec
  readonly binaries: string
  /** Where the engine keeps a node's files while the node is not there yet. */
  readonly nodeFolder: (node: string) => string
  /** Absent: etcd begins empty (that is how the snapshot itself is made). */
  readonly goldenPath?: string
  readonly socketDir: string
  readonly io: EngineIo
}

export interface BootedCluster extends AsyncDisposable {
  readonly cluster: Cluster
  readonly credentials: AgentCredentials
  readonly services: ReadonlyMap<string, NodeServices>
  /** Resolves when the rest of the control plane has been started, too. */
  readonly complete: Promise<void>
}

/**
 * Resolves when the first API server is ready and its leader candidates were started. When it fails,
 * nothing of the cluster is left, and it may be tried again.
 */
export async function bootCluster(
  options: BootOptions,
  signal: AbortSignal,
): Promise<BootedCluster> {
  const { engine, spec, io } = options
  await using undo = new AsyncDisposableStack()
  // All three to their ends: what has been started must be known to be ended.
  const [started, made, restored] = await Promise.allSettled([
    engine.start(spec.topology, io, signal).then((cluster) => undo.use(cluster)),
    clusterFiles(spec),
    options.goldenPath ? restoreEtcd(options, options.goldenPath) : undefined,
  ])
  const [cluster, files] = [valueOf(started), valueOf(made)]
  valueOf(restored)
  io.stage('certificates')
  const booted = await startControlPlane(cluster, files, options, signal)
  undo.move()
  return booted
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'fulfilled') return settled.value
  throw settled.reason
}

async function startControlPlane(
  cluster: Cluster,
  files: ClusterFiles,
  options: BootOptions,
  signal: AbortSignal,
): Promise<BootedCluster> {
  const { spec, io } = options
  const waiting: Waiting = { signal }
  await placeFiles(cluster, files)
  const nodes = [...cluster.nodes.values()]
  const services = new Map(
    nodes.map((node) => [
      node.name,
      createNodeServices(node, {
        topology: spec.topology,
        credentials: files.agent,
        units: unitsOf(node, spec),
        socketDir: options.socketDir,
      }),
    ]),
  )
  const place = (node: Node, name: string) =>
    placeManifest(node, files.nodes.get(node.name) ?? new Map<string, never>(), name)

  const controlPlanes = nodes.filter(({ role }) => role === 'control-plane')
  const [first, ...others] = controlPlanes
  if (!first) throw new Error('a topology without control planes')
  const withMember = new Set(etcdNodes(spec.topology).map(({ name }) => name))
  const order = staticPodOrder(spec.topology)
  const leaders = order.filter((name) => name !== 'etcd' && name !== 'kube-apiserver')

  if (order.includes('etcd')) await Promise.all(controlPlanes.map((node) => place(node, 'etcd')))
  // It needs etcd only after a second of its own start.
  await place(first, 'kube-apiserver')
  await Promise.all([...services.values()].map((service) => service.start()))
  const members = nodes.filter(({ name }) => withMember.has(name))
  await until(
    'etcd quorum',
    async () => {
      const ready = await Promise.all(members.map((node) => etcdReady(node).catch(() => false)))
      return ready.filter(Boolean).length > members.length / 2
    },
    // Nothing waits for it but the reader: each question costs the starting members a process.
    { signal, everyMs: 100 },
  )
  io.stage('quorum')

  const rest = (async () => {
    for (const [i, node] of others.entries()) {
      const before = controlPlanes[i] ?? first
      // The first has both cores until it serves and mostly waits: a lab is usable with it alone.
      // The others need not be so polite.
      const begun = before === first ? serves : hasOpenPort
      await until(
        `the API server of ${before.name} having begun`,
        () => begun(before.address, PORTS.api),
        waiting,
      )
      await place(node, 'kube-apiserver')
    }
  })()
  // Once it has only its RBAC roles left to write it mostly waits: candidates that start now are
  // there when it is ready, and still do not run into a refusal that they would wait out for seconds.
  await until(
    'the first API server almost ready',
    () => almostReady(first.address, files.agent),
    waiting,
  )
  await Promise.all(leaders.map((name) => place(first, name)))
  await until('the first API server ready', () => readyz(first.address), waiting)
  io.stage('first-readyz')

  const complete = (async () => {
    await rest
    await Promise.all(
      others.map((node) =>
        until(`the API server of ${node.name} ready`, () => readyz(node.address), waiting),
      ),
    )
    io.stage('api-servers')
    await Promise.all(others.flatMap((node) => leaders.map((name) => place(node, name))))
  })()
  complete.catch(() => undefined)
  await until('the balancer answering', () => readyz(ENDPOINT.address), waiting)
  io.stage('balancer')
  return {
    cluster,
    credentials: files.agent,
    services,
    complete,
    async [Symbol.asyncDispose]() {
      await Promise.all([...services.values()].map((service) => service.stop()))
      await cluster[Symbol.asyncDispose]()
    },
  }
}

/** In parallel, and while the network and the certificates are still being made. */
async function restoreEtcd(
  { spec, binaries, nodeFolder }: BootOptions,
  golden: string,
): Promise<void> {
  await Promise.all(
    etcdNodes(spec.topology).map(async ({ name }) => {
      const dataDir = nodeFolder(name) + ETCD_DATA
      const args = [...etcdRestoreArgs(name, spec.topology, golden, dataDir)]
      await promisify(execFile)(`${binaries}/etcdutl`, args)
      await chmod(dataDir, 0o700)
    }),
  )
}
