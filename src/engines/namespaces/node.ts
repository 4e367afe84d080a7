/** One node: a bubblewrap sandbox with a link to the lab's bridge, and everything that runs in it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { HalabError } from '../../errors.ts'
import type { NodeSummary, Topology } from '../../wire/lab.ts'
import { LEARNER } from '../../cluster/facts.ts'
import { nodeEnvironment } from '../../cluster/environment.ts'
import { extraAddresses, podCidr } from '../../cluster/layout.ts'
import type {
  EngineIo,
  ExecOptions,
  ExecResult,
  Node,
  Power,
  ProcessSpec,
  Pty,
  RunningProcess,
  Sandbox,
  SandboxSpec,
  StreamedExec,
  TerminalSize,
} from '../types.ts'
import { bootSandbox, type BootedSandbox } from './boot-sandbox.ts'
import { nsenter } from './command.ts'
import { openConsole } from './console.ts'
import { runOnNode, streamed } from './exec.ts'
import { allowForwarding, connectNode, removeLink, setLink } from './network.ts'
import { paths } from './paths.ts'
import { createPodNetwork, type PodNetwork } from './pod-network.ts'
import { allPids, pidNamespace, processState, trySignal } from './proc.ts'
import { createRelays, type Relays } from './relays.ts'
import { startTracked, type TrackedProcess } from './tracked-process.ts'

/** What the lab as a whole does for its nodes. */
export interface NodeSurroundings {
  readonly topology: Topology
  readonly io: EngineIo
  /** `ip route` arguments towards the Pods of the other nodes. */
  routes(of: NodeSummary): readonly string[]
  /** Frames between two nodes are dropped from now on, or no longer. */
  cut(node: string, from: readonly string[], direction: 'both' | 'outgoing'): Promise<void>
  mend(node: string, from: readonly string[] | 'all'): Promise<void>
}

/** No new privileges: nothing on the workstation may give the learner more than it has. */
const LEARNER_WRAPPER = ['setpriv', '--no-new-privs', '--inh-caps=-all', '--']

interface Running {
  readonly sandbox: BootedSandbox
  readonly relays: Relays
  readonly pods: PodNetwork
  readonly off: AbortController
}

export class NamespaceNode implements Node {
  readonly name: string
  readonly role: NodeSummary['role']
  readonly address: string
  readonly podCidr: string
  readonly #surroundings: NodeSurroundings
  readonly #summary: NodeSummary
  readonly #processes = new Set<TrackedProcess>()
  /** Short-lived programs: their nsenters must be continued after a freeze, too. */
  readonly #visitors = new Set<ChildProcess>()
  readonly #consoles = new Set<number>()
  readonly #listeners: ((power: Power) => void | Promise<void>)[] = []
  #running: Running | undefined
  #power: Power = 'off'
  #poweringOff = false
  #pulled = false

  constructor(summary: NodeSummary, surroundings: NodeSurroundings) {
    this.#summary = summary
    this.name = summary.name
    this.role = summary.role
    this.address = summary.address
    this.podCidr = podCidr(summary.address)
    this.#surroundings = surroundings
  }

  get power(): Power {
    return this.#power
  }

  get poweredOff(): AbortSignal {
    return this.#running?.off.signal ?? AbortSignal.abort()
  }

  /** First process of the node as the lab sees it; what `processes` are scanned for. */
  get pid(): number | undefined {
    return this.#running?.sandbox.pid
  }

  path(inNode: string): string {
    return paths.node(this.name) + inNode
  }

  async powerOn(): Promise<void> {
    if (this.#running) return
    const sandbox = await bootSandbox(this.#summary)
    const routes = this.#surroundings.routes(this.#summary)
    await connectNode(this.#summary, sandbox.pid, {
      routes,
      extra: extraAddresses(this.name, this.#surroundings.topology),
    })
    if (this.role !== 'workstation') await allowForwarding(sandbox.pid)
    if (this.#pulled) await setLink(this.name, 'down')
    this.#running = {
      sandbox,
      relays: createRelays(sandbox.pid, `${paths.sockets}/${this.name}`),
      pods: createPodNetwork(sandbox.pid, this.podCidr),
      off: new AbortController(),
    }
    await this.#become('on')
  }

  async powerOff(): Promise<void> {
    const running = this.#running
    if (!running) return
    this.#poweringOff = true
    try {
      running.off.abort()
      // Relays are not in the node's pid namespace; nothing may speak for the node once it is off.
      await running.relays.end()
      trySignal(running.sandbox.pid, 'SIGKILL')
      // A stopped nsenter would never tell of its child's end.
      this.#continueVisitors()
      await running.sandbox.ended
      await Promise.all([...this.#processes].map((process) => process.exited))
      await removeLink(this.name)
    } finally {
      this.#running = undefined
      this.#poweringOff = false
    }
    await this.#become('off')
  }

  async freeze(): Promise<void> {
    const running = this.#on()
    this.#power = 'frozen'
    running.relays.signalAll('SIGSTOP')
    // Until a pass finds nobody new: a process may fork while it is being stopped.
    for (let found = true; found;) {
      found = false
      for (const pid of this.pids()) {
        if (processState(pid) !== 'T' && trySignal(pid, 'SIGSTOP'))
          found = processState(pid) !== 'T' || found
      }
    }
    await this.#become('frozen')
  }

  async thaw(): Promise<void> {
    const running = this.#running
    if (!running || this.#power !== 'frozen') return
    for (const pid of this.pids()) trySignal(pid, 'SIGCONT')
    this.#continueVisitors()
    running.relays.signalAll('SIGCONT')
    await this.#become('on')
  }

  async signal(component: string, signal: NodeJS.Signals, by: string): Promise<void> {
    this.#on()
    const found = [...this.#processes].filter((process) => process.component === component)
    if (found.length === 0) {
      throw new HalabError('unknown-component', `${component} does not run on ${this.name}`, {
        hint: `running there: ${this.components().join(', ') || 'nothing'}`,
      })
    }
    for (const process of found) process.signal(signal, by)
  }

  async unplug(options: { from?: readonly string[]; oneWay?: boolean } = {}): Promise<void> {
    if (options.from || options.oneWay) {
      await this.#surroundings.cut(
        this.name,
        options.from ?? [],
        options.oneWay ? 'outgoing' : 'both',
      )
      return
    }
    this.#pulled = true
    if (this.#running) await setLink(this.name, 'down')
  }

  async plug(options: { from?: readonly string[] } = {}): Promise<void> {
    await this.#surroundings.mend(this.name, options.from ?? 'all')
    if (options.from) return
    this.#pulled = false
    if (this.#running) await setLink(this.name, 'up')
  }

  components(): readonly string[] {
    return [...new Set([...this.#processes].map((process) => process.component))].sort()
  }

  onPower(listener: (power: Power) => void | Promise<void>): void {
    this.#listeners.push(listener)
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return runOnNode(this.#visit(argv, options.env), options)
  }

  stream(
    argv: readonly string[],
    options: { env?: Readonly<Record<string, string>> } = {},
  ): StreamedExec {
    return streamed(this.#visit(argv, options.env))
  }

  #visit(argv: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const { sandbox } = this.#on()
    const child = spawn(
      'nsenter',
      [
        ...nsenter.whole(sandbox.pid),
        ...['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', this.#home],
        ...this.#wrapper,
        ...argv,
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], env: { ...this.#environment, ...env }, detached: true },
    )
    this.#visitors.add(child)
    child.once('exit', () => this.#visitors.delete(child))
    child.once('error', () => this.#visitors.delete(child))
    return child
  }

  async terminal(size: TerminalSize, command?: string): Promise<Pty> {
    const { sandbox } = this.#on()
    const { pty, waiter } = openConsole({
      pid: sandbox.pid,
      env: this.#environment,
      home: this.#home,
      wrapper: this.#wrapper,
      size,
      ...(command !== undefined && { command }),
    })
    this.#consoles.add(waiter)
    void pty.exited.then(() => this.#consoles.delete(waiter))
    return pty
  }

  async start(spec: ProcessSpec): Promise<RunningProcess> {
    const { sandbox, pods } = this.#on()
    const pid = spec.sandbox ? pods.pidOf(spec.sandbox.id) : sandbox.pid
    const tracked = await startTracked(pid, spec)
    this.#processes.add(tracked)
    const seen = { node: this.name, component: spec.component, pid: tracked.pid }
    this.#surroundings.io.process({ ...seen, event: 'start' })
    void tracked.exited.then((status) => {
      this.#processes.delete(tracked)
      const by = tracked.endedBy ?? (this.#poweringOff ? 'power' : undefined)
      this.#surroundings.io.process({ ...seen, ...status, event: 'exit', ...(by && { by }) })
    })
    return tracked
  }

  relay(target: { host: string; port: number }): Promise<string> {
    return this.#on().relays.to(target)
  }

  expose(port: number, socketPath: string): Promise<void> {
    return this.#on().relays.from(port, socketPath)
  }

  sandbox(spec: SandboxSpec): Promise<Sandbox> {
    return this.#on().pods.create(spec)
  }

  /** Everything in the node's pid namespace, in the lab's numbers. */
  pids(): number[] {
    const first = this.#running?.sandbox.pid
    if (first === undefined) return []
    const namespace = pidNamespace(first)
    return allPids().filter((pid) => pid !== first && pidNamespace(pid) === namespace)
  }

  /** Those that the engine started and so need no scan. */
  isTracked(outerPid: number): boolean {
    return [...this.#processes].some((process) => process.outerPid === outerPid)
  }

  /**
   * nsenter stops itself when its child is stopped, and stays so when somebody on the node continues
   * the child by hand: then nobody would learn of its end.
   */
  wakeWaiters(): void {
    for (const process of this.#processes) {
      if (processState(process.outerPid) !== 'T') process.wake()
    }
  }

  #continueVisitors(): void {
    this.#running?.pods.wake()
    for (const process of this.#processes) process.wake()
    for (const child of this.#visitors) trySignal(child.pid ?? 0, 'SIGCONT')
    for (const waiter of this.#consoles) trySignal(waiter, 'SIGCONT')
  }

  async #become(power: Power): Promise<void> {
    this.#power = power
    for (const listener of this.#listeners) await listener(power)
  }

  #on(): Running {
    if (!this.#running || this.#poweringOff) {
      throw new HalabError('node-off', `${this.name} has no power`, {
        hint: `\`lab power-on ${this.name}\` gives it back`,
      })
    }
    return this.#running
  }

  get #environment(): Readonly<Record<string, string>> {
    return {
      ...nodeEnvironment(this.#summary, this.#surroundings.topology),
      HALAB_LAB_SOCKET: '/run/halab/lab.sock',
    }
  }

  get #home(): string {
    return this.role === 'workstation' ? LEARNER.home : '/root'
  }

  get #wrapper(): readonly string[] {
    return this.role === 'workstation' ? LEARNER_WRAPPER : []
  }
}
