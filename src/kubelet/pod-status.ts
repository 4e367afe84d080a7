import type {
  KubeContainer,
  KubeContainerState,
  KubeContainerStatus,
  KubePod,
  KubePodCondition,
  KubePodStatus,
} from '../kube/index.ts'
import type { Container, ContainerExit } from './container.ts'

/** One container of a Pod as the kubelet sees it now. */
export interface ContainerView {
  readonly spec: KubeContainer
  /** The last run; absent before the first. */
  readonly current: Run | undefined
  /** How the run before it ended. */
  readonly before: { readonly run: Run; readonly exit: ContainerExit } | undefined
  /** Why it does not run although it should: `ContainerCreating`, `CrashLoopBackOff` … */
  readonly waiting: { readonly reason: string; readonly message?: string } | undefined
  readonly started: boolean
  readonly ready: boolean
}
export type Run = Pick<Container, 'id' | 'image' | 'restart' | 'simulated' | 'startedAt' | 'exit'>

export interface PodView {
  readonly pod: KubePod
  readonly hostIP: string
  readonly podIP: string | undefined
  readonly startedAt: Date
  readonly containers: readonly ContainerView[]
  readonly initContainers: readonly ContainerView[]
  /** All its containers were ended for good. */
  readonly ended: boolean
  /** Its conditions as last published: what did not change keeps its time. */
  readonly previous: readonly KubePodCondition[]
  readonly now: Date
}

/** What `kubectl get pod -o yaml` shows below `status`. */
export function podStatus(view: PodView): KubePodStatus {
  const containerStatuses = view.containers.map(containerStatus)
  const initContainerStatuses = view.initContainers.map(containerStatus)
  const simulated = [...view.containers, ...view.initContainers]
    .filter(({ current }) => current?.simulated)
    .map(({ spec }) => `${spec.name} (${spec.image})`)
  return {
    phase: phase(view),
    ...(simulated.length > 0 && {
      reason: 'Simulated',
      message: `No process runs for ${simulated.join(', ')}: halab has no program for it. Everything else about this Pod is real.`,
    }),
    conditions: conditions(view, containerStatuses),
    hostIP: view.hostIP,
    hostIPs: [{ ip: view.hostIP }],
    ...(view.podIP && { podIP: view.podIP, podIPs: [{ ip: view.podIP }] }),
    startTime: seconds(view.startedAt),
    containerStatuses,
    ...(initContainerStatuses.length > 0 && { initContainerStatuses }),
  }
}

function containerStatus(view: ContainerView): KubeContainerStatus {
  const { spec, current, before } = view
  return {
    name: spec.name,
    image: spec.image ?? '',
    imageID: current ? `${current.simulated ? 'simulated' : 'halab'}://${spec.image}` : '',
    ...(current && { containerID: containerId(current) }),
    restartCount: current?.restart ?? 0,
    ready: view.ready,
    started: view.started,
    state: state(view),
    lastState: lastState(current, before),
  }
}

/** While a container waits to be restarted, the run that ended is its last state. */
function lastState(current: Run | undefined, before: ContainerView['before']): KubeContainerState {
  if (before) return terminated(before.run, before.exit)
  return current && current.restart > 0 ? LOST : {}
}
/** Of runs before a power-off only their number is known, as with containerd after a reboot. */
const LOST: KubeContainerState = {
  terminated: { exitCode: 255, reason: 'Unknown', message: 'the node lost its power' },
}

function state({ current, waiting }: ContainerView): KubeContainerState {
  if (waiting) return { waiting: { ...waiting } }
  if (!current) return { waiting: { reason: 'ContainerCreating' } }
  if (current.exit) return terminated(current, current.exit)
  return { running: { startedAt: seconds(current.startedAt) } }
}

function terminated(run: Run, exit: ContainerExit): KubeContainerState {
  return {
    terminated: {
      exitCode: exit.exitCode,
      ...(exit.signal !== undefined && { signal: exit.signal }),
      reason: exit.reason,
      ...(exit.message && { message: exit.message }),
      startedAt: seconds(run.startedAt),
      finishedAt: seconds(exit.finishedAt),
      containerID: containerId(run),
    },
  }
}

function containerId(run: Pick<Container, 'id' | 'simulated'>): string {
  return `${run.simulated ? 'simulated' : 'halab'}://${run.id}`
}

/** As the kubelet's `getPhase`. */
function phase(view: PodView): string {
  const policy = view.pod.spec?.restartPolicy ?? 'Always'
  const exits = view.containers.map(({ current }) => current?.exit)
  const failed = exits.some((exit) => exit && exit.exitCode !== 0)
  if (view.ended) return failed || exits.includes(undefined) ? 'Failed' : 'Succeeded'
  if (initFailed(view)) return 'Failed'
  if (!initDone(view)) return 'Pending'
  if (view.containers.some(({ current }) => !current)) return 'Pending'
  if (exits.some((exit) => !exit) || policy === 'Always') return 'Running'
  if (!failed) return 'Succeeded'
  return policy === 'Never' ? 'Failed' : 'Running'
}

function initDone(view: PodView): boolean {
  return view.initContainers.every(({ spec, current, started }) =>
    spec.restartPolicy === 'Always' ? started : current?.exit?.exitCode === 0,
  )
}
function initFailed(view: PodView): boolean {
  if (view.pod.spec?.restartPolicy !== 'Never') return false
  return view.initContainers.some(({ current }) => current?.exit && current.exit.exitCode !== 0)
}

function conditions(view: PodView, statuses: readonly KubeContainerStatus[]): KubePodCondition[] {
  const unready = statuses.filter(({ ready }) => !ready).map(({ name }) => name)
  const notReady = {
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  }
  const completed = ['Succeeded', 'Failed'].includes(phase(view))
  const done = { reason: phase(view) === 'Failed' ? 'PodFailed' : 'PodCompleted' }
  const why = completed ? done : notReady
  const containersReady = unready.length === 0 && !completed
  const gates = (view.pod.spec?.readinessGates ?? []).map(({ conditionType }) => conditionType)
  const closed = gates.filter((gate) => !isTrue(view.pod.status?.conditions, gate))
  const incomplete = view.initContainers
    .filter(({ current }) => current?.exit?.exitCode !== 0)
    .map(({ spec }) => spec.name)
  const gateClosed = {
    reason: 'ReadinessGatesNotReady',
    message: `corresponding condition of pod readiness gate "${closed[0]}" does not exist or is not True.`,
  }
  const all: readonly [string, boolean, { reason: string; message?: string }?][] = [
    ['PodReadyToStartContainers', view.podIP !== undefined && !view.ended],
    [
      'Initialized',
      initDone(view),
      {
        reason: 'ContainersNotInitialized',
        message: `containers with incomplete status: [${incomplete.join(' ')}]`,
      },
    ],
    ['Ready', containersReady && closed.length === 0, containersReady ? gateClosed : why],
    ['ContainersReady', containersReady, why],
    ['PodScheduled', true],
  ]
  return all.map(([type, holds, because]) => {
    const status = holds ? 'True' : 'False'
    const old = view.previous.find((condition) => condition.type === type)
    return {
      type,
      status,
      lastTransitionTime:
        (old?.status === status ? old.lastTransitionTime : undefined) ?? seconds(view.now),
      ...(!holds && because),
    }
  })
}

function isTrue(list: readonly KubePodCondition[] | undefined, type: string): boolean {
  return list?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}

/** `metav1.Time` knows whole seconds. */
export function seconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
