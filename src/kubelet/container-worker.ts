import type { KubeContainer, KubePod } from '../kube/index.ts'
import { afterRestart, restartAt } from './back-off.ts'
import type { BackOff } from './back-off.ts'
import { startProbes } from './container-probes.ts'
import type { ContainerProbes } from './container-probes.ts'
import type { Container } from './container.ts'
import type { PodIdentity } from './container-runtime.ts'
import { containerArgv, containerEnv } from './environment.ts'
import { AFTER_HOOK_MS } from './limits.ts'
import type { ContainerView } from './pod-status.ts'
import { runHook } from './pre-stop.ts'
import type { PodSource, WorkerContext } from './pod-worker.ts'

/** Keeps one container of a Pod: starts it, probes it, starts it again after the back-off. */
export interface ContainerWorker {
  /** Brings it in line; answers when to look again (epoch ms), or null for not before something happens. */
  sync(address: string): Promise<number | null>
  /** Whether what comes after it may start: an init container has succeeded, a sidecar runs. */
  readonly isDone: boolean
  /** preStop, SIGTERM, after what is left of the grace SIGKILL; called again it may shorten the grace. */
  stop(graceMs: number): Promise<void>
  /** `ended`: the Pod will not run again. */
  view(ended: boolean): ContainerView
  stopProbing(): void
}

export interface ContainerWorkerContext extends WorkerContext {
  readonly source: PodSource
  readonly identity: PodIdentity
  /** The Pod as it is now. */
  readonly pod: () => KubePod
  /** Aborts when the kubelet lets go of the Pod. */
  readonly signal: AbortSignal
  readonly statusChanged: () => void
  /** It has ended: look again. */
  readonly poke: () => void
}
type Role = 'main' | 'init'

export function createContainerWorker(
  context: ContainerWorkerContext,
  spec: KubeContainer,
  role: Role,
): ContainerWorker {
  const { node, runtime, journal, identity, source, pod, signal, statusChanged } = context
  const isSidecar = role === 'init' && spec.restartPolicy === 'Always'
  const mustComplete = role === 'init' && !isSidecar
  const label = `pod="${identity.namespace}/${identity.name}" container="${spec.name}"`
  const event = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    context.event(pod(), type, reason, message, spec.name)
  let backOff: BackOff | undefined
  let waiting: ContainerView['waiting']
  /** The run that is being followed, by id. */
  let followed = ''
  let probes: ContainerProbes | null = null
  /** The run whose preStop hook was run. */
  let hooked = ''

  const latest = () => runtime.latest(identity.uid, spec.name)

  async function sync(address: string): Promise<number | null> {
    const run = latest()
    if (run && !run.exit) {
      follow(run, address)
      return null
    }
    if (run?.exit) {
      stopProbing()
      if (!shouldRestart(run.exit.exitCode)) return null
      const finishedAt = run.exit.finishedAt.getTime()
      const at = restartAt(backOff, finishedAt)
      if (at > Date.now()) {
        backingOff(Math.round((at - finishedAt) / 1_000))
        return at
      }
      backOff = afterRestart(backOff, finishedAt, Date.now())
    }
    await start(address)
    return null
  }

  function shouldRestart(exitCode: number): boolean {
    const policy = spec.restartPolicy ?? pod().spec?.restartPolicy ?? 'Always'
    if (mustComplete) return exitCode !== 0 && policy !== 'Never'
    return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
  }

  function backingOff(seconds: number): void {
    const { name, namespace, uid } = identity
    const message = `back-off ${seconds}s restarting failed container=${spec.name} pod=${name}_${namespace}(${uid})`
    if (waiting?.reason !== 'CrashLoopBackOff') event('Warning', 'BackOff', message)
    waiting = { reason: 'CrashLoopBackOff', message }
  }

  async function start(address: string): Promise<void> {
    const image = spec.image ?? ''
    const program = runtime.images(image)
    waiting ??= { reason: 'ContainerCreating' }
    statusChanged()
    const place = { nodeName: node.name, hostIP: node.address, podIP: address }
    const env = containerEnv(pod(), spec, place)
    const request = {
      name: spec.name,
      image,
      completes: mustComplete,
      ...(program && {
        process: {
          argv: containerArgv(spec, program, env),
          env,
          component: componentName(),
          ...(spec.workingDir && { cwd: spec.workingDir }),
        },
      }),
    }
    const run = await runtime.start(identity, request, signal)
    waiting = undefined
    announce(run, image)
    follow(run, address)
  }

  function announce(run: Container, image: string): void {
    journal.log(`"Started container" ${label} restart=${run.restart}`)
    if (run.exit?.reason === 'StartError') {
      event('Warning', 'Failed', `Error: failed to start: ${run.exit.message ?? ''}`)
      return
    }
    event('Normal', 'Started', 'Container started')
    if (!run.simulated) return
    event('Normal', 'Simulated', `No process runs: halab has no program for the image ${image}`)
  }

  /** Components of the control plane go by their own name in the evidence, others by their Pod. */
  function componentName(): string {
    if (source === 'file' && identity.namespace === 'kube-system') return spec.name
    return `pod/${identity.namespace}/${identity.name}/${spec.name}`
  }

  /** Probes a run, and hears of its end; once for each run. */
  function follow(run: Container, address: string): void {
    if (followed === run.id) return
    followed = run.id
    stopProbing()
    if (!run.simulated && !run.exit) probes = probe(address)
    void run.exited.then(({ exitCode, reason }) => {
      if (signal.aborted || followed !== run.id) return
      stopProbing()
      journal.log(`"Container died" ${label} exitCode=${exitCode} reason="${reason}"`)
      context.poke()
    })
  }

  function probe(address: string): ContainerProbes {
    return startProbes(node, runtime.activity, spec, address, {
      changed: statusChanged,
      failed(kind, message) {
        // A container that never was ready is still starting: not worth a warning each second.
        if (kind === 'readiness' && !probes?.ready) return
        const named = `${kind[0]?.toUpperCase()}${kind.slice(1)}`
        event('Warning', 'Unhealthy', `${named} probe failed: ${message}`)
      },
      unhealthy(kind, { terminationGracePeriodSeconds }) {
        const sentence = `Container ${spec.name} failed ${kind} probe, will be restarted`
        journal.log(`"Killing container" ${label} reason="${sentence}"`)
        event('Normal', 'Killing', sentence)
        const seconds =
          terminationGracePeriodSeconds ?? pod().spec?.terminationGracePeriodSeconds ?? 30
        void stop(seconds * 1_000)
      },
    })
  }

  function stopProbing(): void {
    probes?.stop()
    probes = null
  }

  async function stop(graceMs: number): Promise<void> {
    const run = latest()
    if (!run || run.exit) return
    const hook = spec.lifecycle?.preStop
    if (!hook || hooked === run.id || graceMs === 0) {
      await run.stop(graceMs)
      return
    }
    hooked = run.id
    const begun = performance.now()
    const address = runtime.sandbox(identity.uid)?.address ?? node.address
    await runHook(node, spec, address, hook, graceMs, run.exited)
    const left = graceMs - (performance.now() - begun)
    await run.stop(Math.max(left, AFTER_HOOK_MS))
  }

  function view(ended: boolean): ContainerView {
    const runs = runtime.containers(identity.uid).filter(({ name }) => name === spec.name)
    const [current, before] = [runs.at(-1), runs.at(-2)]
    const running = current !== undefined && !current.exit
    const waits = running || ended ? undefined : waiting
    // While it waits to be restarted, the run that ended is its last state.
    const last = waits && current?.exit ? current : before
    return {
      spec,
      current,
      before: last?.exit ? { run: last, exit: last.exit } : undefined,
      waiting: waits,
      started: running && (probes?.started ?? true),
      ready: running ? (probes?.ready ?? true) : mustComplete && current?.exit?.exitCode === 0,
    }
  }

  return {
    sync,
    get isDone() {
      const exit = latest()?.exit
      return isSidecar ? exit === null : exit?.exitCode === 0
    },
    stop,
    view,
    stopProbing,
  }
}
