import type { Node } from '../engines/types.ts'
import { errorBody } from '../errors.ts'
import type { KubePod, KubePodStatus } from '../kube/index.ts'
import { coalesced } from './coalesced.ts'
import type { ContainerRuntime, PodIdentity } from './container-runtime.ts'
import { createContainerWorker } from './container-worker.ts'
import type { Journal } from './journal.ts'
import { SYNC_RETRY_MS } from './limits.ts'
import { podStatus } from './pod-status.ts'
import { prepareVolumes } from './volumes.ts'

export type PodSource = 'file' | 'api'

/** Keeps one Pod as it should be. */
export interface PodWorker {
  readonly uid: string
  readonly source: PodSource
  readonly pod: KubePod
  readonly terminating: boolean
  update(pod: KubePod): void
  /** Ends all containers: SIGTERM, after `graceSeconds` SIGKILL. A later call may shorten the grace. */
  terminate(graceSeconds: number): Promise<void>
  status(): KubePodStatus
  /** Stops caring and leaves the containers running, as a kubelet that stops does. */
  detach(): void
}

export interface WorkerContext {
  readonly node: Node
  readonly runtime: ContainerRuntime
  readonly journal: Journal
  /** A status may have changed. */
  readonly statusChanged: () => void
  readonly event: (
    pod: KubePod,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    container?: string,
  ) => void
}

export function createPodWorker(
  context: WorkerContext,
  source: PodSource,
  initial: KubePod,
): PodWorker {
  const { node, runtime, journal } = context
  const stopping = new AbortController()
  const { signal } = stopping
  const startedAt = new Date(initial.status?.startTime ?? Date.now())
  const identity: PodIdentity = {
    uid: initial.metadata?.uid ?? '',
    namespace: initial.metadata?.namespace ?? 'default',
    name: initial.metadata?.name ?? '',
  }
  const label = `pod="${identity.namespace}/${identity.name}"`
  let pod = initial
  let ended = false
  let conditions = initial.status?.conditions ?? []
  let wake: NodeJS.Timeout | null = null
  let graceMs = Infinity
  let termination: Promise<void> | null = null

  const shared = { ...context, source, identity, signal, pod: () => pod, poke }
  const initWorkers = (initial.spec?.initContainers ?? []).map((spec) =>
    createContainerWorker(shared, spec, 'init'),
  )
  const mainWorkers = (initial.spec?.containers ?? []).map((spec) =>
    createContainerWorker(shared, spec, 'main'),
  )

  const syncer = coalesced(async () => {
    await runtime.activity.whenActive(signal)
    if (signal.aborted) return
    try {
      await sync()
    } catch (error) {
      if (signal.aborted) return
      journal.error(`"Error syncing pod, skipping" ${label}`, error)
      context.event(pod, 'Warning', 'FailedSync', errorBody(error).message)
      wakeAt(Date.now() + SYNC_RETRY_MS)
    }
    context.statusChanged()
  })
  function poke(): void {
    if (!signal.aborted) syncer.poke()
  }

  async function sync(): Promise<void> {
    const { address } = await runtime.ensureSandbox({
      ...identity,
      hostname: pod.spec?.hostname ?? identity.name.slice(0, HOSTNAME_MAX),
      network: networkOf(pod, runtime),
    })
    await prepareVolumes(node, pod)
    const due: (number | null)[] = []
    for (const init of initWorkers) {
      due.push(await init.sync(address))
      if (!init.isDone) return wakeAtFirst(due)
    }
    for (const main of mainWorkers) due.push(await main.sync(address))
    wakeAtFirst(due)
  }

  function wakeAtFirst(due: readonly (number | null)[]): void {
    const first = Math.min(...due.map((at) => at ?? Infinity))
    if (first !== Infinity) wakeAt(first)
  }
  function wakeAt(at: number): void {
    if (wake) clearTimeout(wake)
    wake = setTimeout(poke, Math.max(0, at - Date.now()))
  }

  function detach(): void {
    stopping.abort()
    if (wake) clearTimeout(wake)
    for (const worker of [...initWorkers, ...mainWorkers]) worker.stopProbing()
  }

  const stopAll = () =>
    Promise.all([...initWorkers, ...mainWorkers].map((each) => each.stop(graceMs)))

  async function endAll(): Promise<void> {
    detach()
    await syncer.idle()
    journal.log(`"Killing pod" ${label} gracePeriod=${graceMs / 1_000}`)
    for (const { name, exit } of runtime.containers(identity.uid)) {
      if (!exit) context.event(pod, 'Normal', 'Killing', `Stopping container ${name}`, name)
    }
    await stopAll()
    ended = true
  }

  const worker: PodWorker = {
    uid: identity.uid,
    source,
    get pod() {
      return pod
    },
    get terminating() {
      return termination !== null
    },
    update(next) {
      pod = next
      poke()
    },
    terminate(graceSeconds) {
      graceMs = Math.min(graceMs, graceSeconds * 1_000)
      if (termination) void stopAll()
      termination ??= endAll()
      return termination
    },
    status() {
      const status = podStatus({
        pod,
        hostIP: node.address,
        podIP: runtime.sandbox(identity.uid)?.address,
        startedAt,
        containers: mainWorkers.map((each) => each.view(ended)),
        initContainers: initWorkers.map((each) => each.view(ended)),
        ended,
        previous: conditions,
        now: new Date(),
      })
      conditions = status.conditions ?? []
      return status
    },
    detach,
  }
  poke()
  return worker
}
const HOSTNAME_MAX = 63

/** Only what runs as a process needs a network of its own. */
function networkOf(pod: KubePod, runtime: ContainerRuntime): 'host' | 'own' | 'simulated' {
  if (pod.spec?.hostNetwork) return 'host'
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  return all.some(({ image = '' }) => runtime.images(image)) ? 'own' : 'simulated'
}
