/**
 * What an engine is to the rest of the program: something that turns a topology into nodes.
 * Everything above knows nodes only, never namespaces or containers.
 */
import type { Actor, FaultName } from '../wire/evidence.ts'
import type { EngineName, NodeName, NodeRole, Topology } from '../wire/lab.ts'

export interface Support {
  readonly ok: boolean
  /** What is missing, each with what to do; empty when ok. */
  readonly missing: readonly {
    readonly code: string
    readonly message: string
    readonly hint: string
  }[]
}

export interface Engine {
  readonly name: EngineName
  /** Can it run here; if not: what is missing and what to do. */
  support(): Promise<Support>
  /** Nodes are up (powered, addressed, reachable) when this resolves; nothing of Kubernetes runs yet. */
  start(topology: Topology, io: EngineIo, signal: AbortSignal): Promise<Cluster>
}

/** What an engine tells while it works. */
export interface EngineIo {
  stage(name: string): void
  process(event: ProcessEvent): void
}

export interface Cluster extends AsyncDisposable {
  readonly nodes: ReadonlyMap<NodeName, Node>
  /** Sum of PSS of everything that runs on the nodes, in bytes. */
  memoryBytes(): Promise<number>
  /** SIGSTOP, SIGCONT to everything that runs on the nodes. */
  pause(): Promise<void>
  resume(): Promise<void>
}

export type Power = 'on' | 'off' | 'frozen'

/** A machine of the lab. */
export interface Node extends NodeRuntime {
  readonly power: Power
  /** Run to the end; standard input, output and exit status unaltered. 124 in `exitCode` after `timeoutMs`. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  /** The same, streaming: for who passes input and output on. */
  stream(
    argv: readonly string[],
    options?: { env?: Readonly<Record<string, string>> },
  ): StreamedExec
  /** The node's console: works while the node is unplugged. A login shell, or `command` run by one. */
  terminal(size: TerminalSize, command?: string): Promise<Pty>
  /** SIGKILL of everything on it; /etc, /var, /root, /home stay, /run and /tmp go. Listeners of `onPower` run first. */
  powerOff(): Promise<void>
  powerOn(): Promise<void>
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** To one component; throws `unknown-component` with those that run. */
  signal(component: string, signal: NodeJS.Signals, by: Actor): Promise<void>
  unplug(options?: { from?: readonly NodeName[]; oneWay?: boolean }): Promise<void>
  plug(options?: { from?: readonly NodeName[] }): Promise<void>
  /** Called after each change of power, with the new one. */
  onPower(listener: (power: Power) => void | Promise<void>): void
  /** Components that run now. */
  components(): readonly string[]
}

/** What a kubelet, or a unit, needs of a node: files, processes, network. Valid while the node is on. */
export interface NodeRuntime {
  readonly name: NodeName
  readonly role: NodeRole
  readonly address: string
  /** Pods of this node get addresses in here, e.g. `10.244.11.0/24`; the first is the node's own bridge. */
  readonly podCidr: string
  /** Where the agent finds a file of the node: `/etc/hosts` → `/…/nodes/cp-1/etc/hosts`. Holds for /etc, /var, /root, /home. */
  path(inNode: string): string
  /** Start a program in the node's namespaces (or a sandbox's), recorded as a process of `component`. */
  start(spec: ProcessSpec): Promise<RunningProcess>
  /**
   * A Unix socket in the agent whose connections come out of this node: TCP to host:port spoken from
   * the node's own network namespace. Made at first use, ends with the node's power; stops while frozen.
   */
  relay(target: { readonly host: string; readonly port: number }): Promise<string>
  /** The other way: connections to `port` on the node's own addresses arrive at a Unix socket of the agent. */
  expose(port: number, socketPath: string): Promise<void>
  /** A network namespace and a host name of its own for a Pod, addressed and routed. */
  sandbox(spec: SandboxSpec): Promise<Sandbox>
  /** Aborts when the node loses its power; a new one after each power-on. */
  readonly poweredOff: AbortSignal
}

export interface SandboxSpec {
  /** Unique on the node, e.g. the Pod's uid. */
  readonly id: string
  readonly hostname: string
  /** From `podCidr`. */
  readonly address: string
}
export interface Sandbox extends AsyncDisposable {
  readonly id: string
  readonly address: string
}

export interface ProcessSpec {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** `kube-apiserver`, `pod/<namespace>/<name>/<container>`, … */
  readonly component: string
  /** Absent: the node's own network and host name. */
  readonly sandbox?: Sandbox
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void
}
export interface RunningProcess {
  readonly component: string
  /** As seen on the node. */
  readonly pid: number
  readonly startedAt: Date
  readonly exited: Promise<ExitStatus>
  /** `by` is recorded with the exit that this signal causes. */
  signal(signal: NodeJS.Signals, by: string): void
}
export interface ExitStatus {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ProcessEvent extends Partial<ExitStatus> {
  readonly node: NodeName
  readonly component: string
  readonly pid: number
  readonly event: 'start' | 'exit'
  readonly by?: string
}

export interface ExecOptions {
  readonly timeoutMs?: number
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}
export interface ExecResult {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

/** A program on a node with its pipes; bytes, never decoded. */
export interface StreamedExec {
  readonly exited: Promise<ExitStatus>
  onOutput(listener: (stream: 'stdout' | 'stderr', chunk: Buffer) => void): void
  /** False: it takes no more for now; `onDrain` tells when it does again. */
  write(chunk: Uint8Array): boolean
  onDrain(listener: () => void): void
  end(): void
  /** Stop reading its output (it then blocks), and go on. */
  pause(): void
  resume(): void
  /** To the program and what it started. */
  signal(signal: NodeJS.Signals): void
}

export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}
/** A pty inside a node. Output is bytes, never decoded here. */
export interface Pty extends Disposable {
  readonly exited: Promise<ExitStatus>
  /** Whether the child still runs. Asked while paused: node-pty loses what is unread 200 ms after its end. */
  alive?(): boolean
  onData(listener: (chunk: Buffer) => void): void
  write(data: Uint8Array): void
  resize(size: TerminalSize): void
  pause(): void
  resume(): void
}

export type { FaultName }
