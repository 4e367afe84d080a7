import { readdir, rm } from 'node:fs/promises'
import type { Node, Sandbox } from '../engines/types.ts'
import type { Activity } from './activity.ts'
import { nodeActivity } from './activity.ts'
import { runContainer } from './container.ts'
import type { Container, ContainerSpec } from './container.ts'
import type { ImageTable } from './images.ts'
import { LOG_RESTARTS_KEPT } from './limits.ts'
import { makeFolder, folderOnNode } from './node-files.ts'
import { podAddresses } from './pod-addresses.ts'

/** What the runtime knows a Pod by. */
export interface PodIdentity {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}
interface PodSandbox {
  readonly pod: PodIdentity
  /** The Pod's address: of its own, or the node's. */
  readonly address: string
}
interface SandboxRequest extends PodIdentity {
  readonly hostname: string
  readonly network: 'host' | 'own' | 'simulated'
}

/**
 * The container runtime of one node, as CRI divides the work: it owns sandboxes, processes and
 * their logs, lives as long as the node's power, and goes on while no kubelet runs.
 */
export interface ContainerRuntime extends AsyncDisposable {
  readonly node: Node
  readonly images: ImageTable
  readonly activity: Activity
  pods(): readonly PodIdentity[]
  /** All runs of all containers that are still known, oldest first. */
  containers(podUid: string): readonly Container[]
  /** The last run of a container. */
  latest(podUid: string, name: string): Container | undefined
  sandbox(podUid: string): PodSandbox | undefined
  ensureSandbox(request: SandboxRequest): Promise<PodSandbox>
  /** Resolves once it runs or is known to have failed: `exit` tells. Rejects only when `signal` aborts. */
  start(
    pod: PodIdentity,
    spec: Omit<ContainerSpec, 'restart'>,
    signal: AbortSignal,
  ): Promise<Container>
  /** Ends what is left of a Pod, forgets it and frees its address. */
  remove(podUid: string): Promise<void>
  /** Connections to a port of the node arrive at a Unix socket; asked for again, nothing is done. */
  exposeOnce(port: number, socketPath: string): Promise<void>
  /** Deletes a Pod's logs, or those of Pods that had its name and another uid. */
  removeLogs(pod: PodIdentity, which: 'own' | 'others'): Promise<void>
}

interface PodRecord {
  readonly identity: PodIdentity
  readonly sandbox: Sandbox | undefined
  readonly address: string
  readonly ownsAddress: boolean
  readonly containers: Container[]
}

const LOGS = '/var/log/pods'

export function createContainerRuntime(node: Node, images: ImageTable): ContainerRuntime {
  const records = new Map<string, PodRecord>()
  const addresses = podAddresses(node.podCidr)
  const activity = nodeActivity(node)
  const exposed = new Map<number, Promise<void>>()

  async function ensureSandbox(request: SandboxRequest): Promise<PodSandbox> {
    const known = records.get(request.uid)
    if (known) return { pod: known.identity, address: known.address }
    const { uid, namespace, name, hostname } = request
    const ownsAddress = request.network !== 'host'
    const address = ownsAddress ? addresses.take() : node.address
    try {
      const sandbox =
        request.network === 'own' ? await node.sandbox({ id: uid, hostname, address }) : undefined
      const identity = { uid, namespace, name }
      records.set(uid, { identity, sandbox, address, ownsAddress, containers: [] })
      return { pod: identity, address }
    } catch (error) {
      if (ownsAddress) addresses.release(address)
      throw error
    }
  }

  async function start(
    pod: PodIdentity,
    spec: Omit<ContainerSpec, 'restart'>,
    signal: AbortSignal,
  ): Promise<Container> {
    const record = records.get(pod.uid)
    if (!record) throw new Error(`no sandbox for Pod ${pod.namespace}/${pod.name}`)
    const folder = `${logFolder(pod)}/${spec.name}`
    const outside = await makeFolder(node, folder)
    const before = record.containers.findLast((container) => container.name === spec.name)
    const restart = before ? before.restart + 1 : await runsBefore(outside)
    const container = await runContainer({
      node,
      activity,
      pod,
      sandbox: record.sandbox,
      spec: { ...spec, restart },
      logPath: `${folder}/${restart}.log`,
      signal,
    })
    record.containers.push(container)
    await dropOldRuns(record, spec.name, outside)
    return container
  }

  async function remove(podUid: string): Promise<void> {
    const record = records.get(podUid)
    if (!record) return
    await Promise.all(record.containers.map((container) => container.stop(0)))
    records.delete(podUid)
    await record.sandbox?.[Symbol.asyncDispose]()
    if (record.ownsAddress) addresses.release(record.address)
  }

  async function removeLogs(pod: PodIdentity, which: 'own' | 'others'): Promise<void> {
    const root = await folderOnNode(node, LOGS)
    const prefix = `${pod.namespace}_${pod.name}_`
    for (const name of await readdir(root)) {
      if (!name.startsWith(prefix) || (name === prefix + pod.uid) !== (which === 'own')) continue
      await rm(`${root}/${name}`, { recursive: true, force: true })
    }
  }

  return {
    node,
    images,
    activity,
    pods: () => [...records.values()].map((record) => record.identity),
    containers: (podUid) => records.get(podUid)?.containers ?? [],
    latest: (podUid, name) =>
      records.get(podUid)?.containers.findLast((container) => container.name === name),
    sandbox(podUid) {
      const record = records.get(podUid)
      return record && { pod: record.identity, address: record.address }
    },
    ensureSandbox,
    start,
    remove,
    exposeOnce(port, socketPath) {
      const known = exposed.get(port)
      if (known) return known
      const exposing = node.expose(port, socketPath)
      exposed.set(port, exposing)
      exposing.catch(() => exposed.delete(port))
      return exposing
    },
    removeLogs,
    async [Symbol.asyncDispose]() {
      await Promise.all([...records.keys()].map(remove))
    },
  }
}

function logFolder(pod: PodIdentity): string {
  return `${LOGS}/${pod.namespace}_${pod.name}_${pod.uid}`
}

/** Logs survive a power-off, the runtime does not: they tell how often a container ran before. */
async function runsBefore(folder: string): Promise<number> {
  const runs = (await readdir(folder)).map((name) => /^(\d+)\.log$/.exec(name)?.[1])
  return Math.max(-1, ...runs.filter((run) => run !== undefined).map(Number)) + 1
}

async function dropOldRuns(record: PodRecord, name: string, folder: string): Promise<void> {
  const runs = record.containers.filter((container) => container.name === name)
  for (const old of runs.slice(0, -LOG_RESTARTS_KEPT)) {
    record.containers.splice(record.containers.indexOf(old), 1)
  }
  const oldest = (runs.at(-1)?.restart ?? 0) - LOG_RESTARTS_KEPT + 1
  for (const file of await readdir(folder)) {
    const run = /^(\d+)\.log/.exec(file)?.[1]
    if (run !== undefined && Number(run) < oldest) await rm(`${folder}/${file}`, { force: true })
  }
}
