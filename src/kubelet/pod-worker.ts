import type { Node } from '../engines/types.ts'
import { errorBody } from '../errors.ts'
import type { KubeContainer, KubePod, KubePodStatus } from '../kube/index.ts'
import { coalesced } from './coalesced.ts'
import { afterRestart, restartAt } from './back-off.ts'
import type { BackOff } from './back-off.ts'
import { startProbes } from './container-probes.ts'
import type { ContainerProbes } from './container-probes.ts'
import type { Container } from './container.ts'
import type { ContainerRuntime, PodIdentity } from './container-runtime.ts'
import { containerArgv, containerEnv } from './environment.ts'
import type { Journal } from './journal.ts'
import { SYNC_RETRY_MS } from './limits.ts'
import { podStatus } from './pod-status.ts'
import type { ContainerView } from './pod-status.ts'
import { prepareVolumes } from './volumes.ts'

export type PodSource = 'file' | 'api'

/** Keeps one Pod as it should be: starts, probes, restarts and ends its containers. */
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
  /** Its status may have changed. */
  readonly changed: (worker: PodWorker) => void
  readonly event: (
    pod: KubePod,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    container?: string,
  ) => void
}

interface Waiting {
  readonly reason: string
  readonly message?: string
}

export function createPodWorker(
  context: WorkerContext,
  source: PodSource,
  initial: KubePod,
): PodWorker {
  const { node, runtime, journal } = context
  const { activity } = runtime
  const stopping = new AbortController()
  const backOffs = new Map<string, BackOff>()
  const probes = new Map<string, ContainerProbes>()
  const waiting = new Map<string, Waiting>()
  const followed = new Set<string>()
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
  let termination: Promise<void> | null = null

  const syncer = coalesced(async () => {
    await activity.whenActive(stopping.signal)
    if (stopping.signal.aborted) return
    try {
      await sync()
    } catch (error) {
      if (stopping.signal.aborted) return
      journal.error(`"Error syncing pod, skipping" ${label}`, error)
      context.event(pod, 'Warning', 'FailedSync', errorBody(error).message)
      wakeAt(Date.now() + SYNC_RETRY_MS)
    }
    context.changed(worker)
  })
  const poke = () => {
    if (!stopping.signal.aborted) syncer.poke()
  }

  async function sync(): Promise<void> {
    const sandbox = await runtime.ensureSandbox({
      ...identity,
      hostname: pod.spec?.hostname ?? identity.name.slice(0, 63),
      network: networkOf(pod, runtime),
    })
    await prepareVolumes(node, pod)
    for (const init of pod.spec?.initContainers ?? []) {
      await syncContainer(init, sandbox.address, true)
      if (!initIsDone(init)) return
    }
    for (const container of pod.spec?.containers ?? []) {
      await syncContainer(container, sandbox.address, false)
    }
  }

  function initIsDone(init: KubeContainer): boolean {
    const latest = runtime.latest(identity.uid, init.name)
    if (init.restartPolicy === 'Always') return latest?.exit === null
    return latest?.exit?.exitCode === 0
  }

  async function syncContainer(
    spec: KubeContainer,
    address: string,
    isInit: boolean,
  ): Promise<void> {
    const latest = runtime.latest(identity.uid, spec.name)
    if (latest && !latest.exit) return follow(spec, latest, address)
    if (latest?.exit) {
      endProbes(latest)
      if (!shouldRestart(spec, latest, isInit)) return
      const finishedAt = latest.exit.finishedAt.getTime()
      const backOff = backOffs.get(spec.name)
      const at = restartAt(backOff, finishedAt)
      if (at > Date.now()) {
        const wait = Math.round((at - finishedAt) / 1_000)
        const message = `back-off ${wait}s restarting failed container=${spec.name} pod=${identity.name}_${identity.namespace}(${identity.uid})`
        if (!waiting.has(spec.name)) context.event(pod, 'Warning', 'BackOff', message, spec.name)
        waiting.set(spec.name, { reason: 'CrashLoopBackOff', message })
        return wakeAt(at)
      }
      backOffs.set(spec.name, afterRestart(backOff, finishedAt, Date.now()))
    }
    const isSidecar = isInit && spec.restartPolicy === 'Always'
    await start(spec, address, isInit && !isSidecar)
  }

  function shouldRestart(spec: KubeContainer, latest: Container, isInit: boolean): boolean {
    const failed = latest.exit?.exitCode !== 0
    const policy = spec.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always'
    if (isInit && spec.restartPolicy !== 'Always') return failed && policy !== 'Never'
    return policy === 'Always' || (policy === 'OnFailure' && failed)
  }

  async function start(spec: KubeContainer, address: string, completes: boolean): Promise<void> {
    const image = spec.image ?? ''
    const program = runtime.images(image)
    if (!waiting.has(spec.name)) waiting.set(spec.name, { reason: 'ContainerCreating' })
    context.changed(worker)
    const place = { nodeName: node.name, hostIP: node.address, podIP: address }
    const env = containerEnv(pod, spec, place)
    const container = await runtime.start(
      identity,
      {
        name: spec.name,
        image,
        completes,
        ...(program && {
          process: {
            argv: containerArgv(spec, program, env),
            env,
            component: componentName(source, identity, spec),
            ...(spec.workingDir && { cwd: spec.workingDir }),
          },
        }),
      },
      stopping.signal,
    )
    waiting.delete(spec.name)
    journal.log(
      `"Started container" ${label} container="${spec.name}" restart=${container.restart}`,
    )
    if (container.exit) {
      const { message = '' } = container.exit
      context.event(pod, 'Warning', 'Failed', `Error: failed to start: ${message}`, spec.name)
    } else {
      context.event(pod, 'Normal', 'Started', 'Container started', spec.name)
      if (container.simulated) {
        const sentence = `No process runs: halab has no program for the image ${image}`
        context.event(pod, 'Normal', 'Simulated', sentence, spec.name)
      }
    }
    follow(spec, container, address)
  }

  /** Probes a run, and hears of its end; once for each run. */
  function follow(spec: KubeContainer, container: Container, address: string): void {
    if (followed.has(container.id)) return
    followed.add(container.id)
    if (!container.simulated && !container.exit) {
      probes.set(container.id, probe(spec, container, address))
    }
    void container.exited.then(({ exitCode, reason }) => {
      endProbes(container)
      if (stopping.signal.aborted) return
      journal.log(
        `"Container died" ${label} container="${spec.name}" exitCode=${exitCode} reason="${reason}"`,
      )
      poke()
    })
  }

  function probe(spec: KubeContainer, container: Container, address: string): ContainerProbes {
    return startProbes(node, activity, spec, address, {
      changed: () => context.changed(worker),
      failed(kind, message) {
        if (kind === 'readiness' && !probes.get(container.id)?.ready) return
        const named = `${kind[0]?.toUpperCase()}${kind.slice(1)}`
        context.event(pod, 'Warning', 'Unhealthy', `${named} probe failed: ${message}`, spec.name)
      },
      unhealthy(kind, failedProbe) {
        const sentence = `Container ${spec.name} failed ${kind} probe, will be restarted`
        journal.log(`"Killing container" ${label} reason="${sentence}"`)
        context.event(pod, 'Normal', 'Killing', sentence, spec.name)
        const grace =
          failedProbe.terminationGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30
        void container.stop(grace * 1_000)
      },
    })
  }

  function endProbes(container: Container): void {
    probes.get(container.id)?.stop()
    probes.delete(container.id)
  }

  function wakeAt(at: number): void {
    if (wake) clearTimeout(wake)
    wake = setTimeout(poke, Math.max(0, at - Date.now()))
  }

  function detach(): void {
    stopping.abort()
    if (wake) clearTimeout(wake)
    for (const running of probes.values()) running.stop()
    probes.clear()
  }

  async function endAll(): Promise<void> {
    detach()
    await syncer.idle()
    const running = () => runtime.containers(identity.uid).filter(({ exit }) => !exit)
    for (const { name } of running()) {
      context.event(pod, 'Normal', 'Killing', `Stopping container ${name}`, name)
    }
    journal.log(`"Killing pod" ${label} gracePeriod=${graceMs / 1_000}`)
    await Promise.all(running().map((container) => container.stop(graceMs)))
    waiting.clear()
    ended = true
  }
  let graceMs = Infinity

  function view(spec: KubeContainer): ContainerView {
    const runs = runtime.containers(identity.uid).filter(({ name }) => name === spec.name)
    const current = runs.at(-1)
    const before = runs.at(-2)
    const running = current !== undefined && !current.exit
    const probing = current && probes.get(current.id)
    const isWaiting = !running && !ended ? waiting.get(spec.name) : undefined
    const crashed = isWaiting && current?.exit
    return {
      spec,
      current,
      before: crashed
        ? { run: current, exit: current.exit }
        : before?.exit
          ? { run: before, exit: before.exit }
          : undefined,
      waiting: isWaiting,
      started: running && (probing?.started ?? true),
      ready: running ? (probing?.ready ?? true) : current?.exit?.exitCode === 0 && isOver(spec),
    }
  }
  /** An init container that is done counts as ready, a main one never. */
  function isOver(spec: KubeContainer): boolean {
    return pod.spec?.initContainers?.includes(spec) ?? false
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
      if (termination) {
        for (const container of runtime.containers(identity.uid)) void container.stop(graceMs)
        return termination
      }
      termination = endAll()
      return termination
    },
    status() {
      const address = runtime.sandbox(identity.uid)?.address
      const status = podStatus({
        pod,
        hostIP: node.address,
        podIP: address,
        startedAt,
        containers: (pod.spec?.containers ?? []).map(view),
        initContainers: (pod.spec?.initContainers ?? []).map(view),
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

/** Only what runs as a process needs a network of its own. */
function networkOf(pod: KubePod, runtime: ContainerRuntime): 'host' | 'own' | 'simulated' {
  if (pod.spec?.hostNetwork) return 'host'
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  return all.some(({ image = '' }) => runtime.images(image)) ? 'own' : 'simulated'
}

/** Components of the control plane go by their own name in the evidence, other Pods by their path. */
function componentName(source: PodSource, pod: PodIdentity, spec: KubeContainer): string {
  if (source === 'file' && pod.namespace === 'kube-system') return spec.name
  return `pod/${pod.namespace}/${pod.name}/${spec.name}`
}
