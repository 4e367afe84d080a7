/**
 * Makes the golden snapshot: boots one control plane on an empty etcd, waits until its bootstrap
 * objects are written, then takes out whatever belongs to this one cluster. Stale leases would make
 * a standby wait them out; a stale CA would be trusted on.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { copyFile } from 'node:fs/promises'
import { namespacesEngine } from '../engines/namespaces/index.ts'
import { paths } from '../engines/namespaces/paths.ts'
import { ENDPOINT, MANIFESTS } from '../cluster/facts.ts'
import type { Node } from '../engines/types.ts'
import { HalabError } from '../errors.ts'
import { createKubeClient } from '../kube/index.ts'
import { bootCluster } from './boot/boot.ts'
import { hasOpenPort, until } from './boot/conditions.ts'
import { rm } from 'node:fs/promises'
import { RECORDER_NAMESPACE } from './recorder/api-probes.ts'

/** Everything below these belongs to processes that ran, or to this cluster's own authorities. */
const STRIPPED = [
  '/registry/leases/',
  '/registry/masterleases/',
  '/registry/events/',
  '/registry/services/endpoints/',
  '/registry/endpointslices/',
  '/registry/minions/',
  '/registry/pods/',
]
const STRIPPED_CONFIGMAPS = /\/(kube-root-ca\.crt|extension-apiserver-authentication|cluster-info)$/
const SNAPSHOT = '/var/lib/golden.db'

/** `path`: where the finished snapshot is to lie. */
export async function makeGolden(path: string, signal: AbortSignal): Promise<void> {
  const waiting = { signal }
  await using booted = await bootCluster(
    {
      engine: namespacesEngine,
      spec: { topology: { controlPlanes: 1, workers: 0, etcd: 'stacked', balancers: 1 } },
      binaries: paths.binaries,
      nodeFolder: paths.node,
      socketDir: paths.sockets,
      io: {
        stage: (name) => console.log(`golden: ${name} after ${Math.round(performance.now())} ms`),
        process: () => undefined,
      },
    },
    signal,
  )
  await booted.complete
  const { cluster, credentials } = booted
  const node = cluster.nodes.get('cp-1')
  if (!node) throw new Error('a topology without cp-1')
  const client = createKubeClient({
    server: `https://${ENDPOINT.address}:6443`,
    ca: credentials.ca,
    ...credentials.recorder,
  })
  await until(
    'the default ServiceAccount',
    async () => {
      await client.get('/api/v1/namespaces/default/serviceaccounts/default')
      return true
    },
    waiting,
  )
  await client.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: RECORDER_NAMESPACE },
  })
  await until(
    'its own ServiceAccount',
    async () => {
      await client.get(`/api/v1/namespaces/${RECORDER_NAMESPACE}/serviceaccounts/default`)
      return true
    },
    waiting,
  )
  await settled(node, signal)
  await client.close()

  for (const name of ['kube-controller-manager', 'kube-scheduler', 'kube-apiserver']) {
    await rm(node.path(`${MANIFESTS}/${name}.yaml`))
    // Nobody waits for an answer any more: a graceful end would take half a minute.
    await node.signal(name, 'SIGKILL', 'setup').catch(() => undefined)
  }
  await until(
    'the API server stopped',
    async () => {
      return (
        !(await hasOpenPort(node.address, 6443)) &&
        node.components().every((name) => name === 'etcd')
      )
    },
    waiting,
  )
  for (const prefix of STRIPPED) await etcdctl(node, 'del', '--prefix', prefix)
  const keys = (
    await etcdctl(node, 'get', '--prefix', '/registry/configmaps/', '--keys-only')
  ).split('\n')
  for (const key of keys.filter((name) => STRIPPED_CONFIGMAPS.test(name)))
    await etcdctl(node, 'del', key)
  await etcdctl(node, 'snapshot', 'save', SNAPSHOT)
  await copyFile(node.path(SNAPSHOT), path)
}

/** No new object for a while: bootstrap (RBAC, flow control, ServiceAccounts) is through. */
async function settled(node: Node, signal: AbortSignal): Promise<void> {
  const QUIET_MS = 3000
  let last = -1
  for (;;) {
    const count = (
      await etcdctl(node, 'get', '--prefix', '/registry/', '--keys-only', '--limit=5000')
    ).split('\n').length
    if (count === last) return
    last = count
    await delay(QUIET_MS, undefined, { signal })
  }
}

async function etcdctl(node: Node, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await node.exec(['etcdctl', ...args], { timeoutMs: 30_000 })
  if (exitCode === 0) return stdout
  throw new HalabError('golden-failed', `etcdctl ${args[0]} failed: ${stderr.trim()}`)
}
