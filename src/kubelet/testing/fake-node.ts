/**
 * A node for tests without an engine: plain processes of this machine, a temporary folder as its
 * file system, addresses of the loopback network.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HalabError } from '../../errors.ts'
import type {
  ExecOptions,
  ExecResult,
  ExitStatus,
  Node,
  Power,
  ProcessSpec,
  RunningProcess,
  Sandbox,
  SandboxSpec,
} from '../../engines/types.ts'

export interface Started {
  readonly component: string
  readonly pid: number
  readonly argv: readonly string[]
  readonly by: string[]
}

export interface FakeNode extends Node, AsyncDisposable {
  readonly started: readonly Started[]
  readonly sandboxes: ReadonlySet<string>
  /** No bytes cross relays while it is cut off. */
  setCutOff(cutOff: boolean): void
}

type Identity = Pick<Node, 'name' | 'role' | 'address' | 'podCidr'>

export function createFakeNode(identity: Identity): FakeNode {
  const root = mkdtempSync(join(tmpdir(), 'halab-node-'))
  for (const folder of ['etc', 'var/log', 'root', 'home']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  const started: Started[] = []
  const running = new Set<RunningProcess>()
  const sandboxes = new Set<string>()
  const servers: net.Server[] = []
  const sockets = new Set<net.Socket>()
  const relays = new Map<string, Promise<string>>()
  const listeners: ((power: Power) => void | Promise<void>)[] = []
  let power: Power = 'on'
  let off = new AbortController()

  async function start(spec: ProcessSpec): Promise<RunningProcess> {
    const [program = '', ...args] = spec.argv
    const child = spawn(program, args, {
      env: { ...spec.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(spec.cwd && { cwd: spec.cwd }),
    })
    child.stdout.on('data', (chunk: Buffer) => spec.onOutput('stdout', chunk))
    child.stderr.on('data', (chunk: Buffer) => spec.onOutput('stderr', chunk))
    const exited = new Promise<ExitStatus>((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }))
    })
    await once(child, 'spawn')
    const by: string[] = []
    const pid = child.pid ?? 0
    const process: RunningProcess = {
      component: spec.component,
      pid,
      startedAt: new Date(),
      exited,
      signal(signal, who) {
        by.push(`${signal} ${who}`)
        child.kill(signal)
      },
    }
    started.push({ component: spec.component, pid, argv: spec.argv, by })
    running.add(process)
    void exited.then(() => running.delete(process))
    return process
  }

  function pipe(from: net.Socket, to: net.Socket): void {
    for (const socket of [from, to]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        from.destroy()
        to.destroy()
      })
    }
    from.pipe(to).pipe(from)
  }
  async function listen(server: net.Server, where: net.ListenOptions): Promise<void> {
    servers.push(server)
    server.listen(where)
    await once(server, 'listening')
  }

  async function exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const [program = '', ...args] = argv
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.timeoutMs && { timeout: options.timeoutMs }),
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    return { exitCode: code, signal, ...output, timedOut: child.killed }
  }

  async function become(next: Power): Promise<void> {
    power = next
    for (const listener of listeners) await listener(next)
  }
  async function powerOff(): Promise<void> {
    await become('off')
    off.abort()
    for (const process of running) process.signal('SIGKILL', 'power')
    await Promise.all([...running].map(({ exited }) => exited))
    await closeNetwork()
  }
  async function closeNetwork(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
    servers.length = 0
    relays.clear()
  }
  const notHere = () => {
    throw new HalabError('not-here', 'fake nodes cannot do this')
  }
  const absent = async () => notHere()

  return {
    ...identity,
    started,
    sandboxes,
    get power() {
      return power
    },
    get poweredOff() {
      return off.signal
    },
    path: (inNode) => join(root, inNode),
    start,
    exec,
    relay({ host, port }) {
      const key = `${host}_${port}`
      const known = relays.get(key)
      if (known) return known
      const path = join(root, `${key}.sock`)
      const server = net.createServer((socket) => pipe(socket, net.connect({ host, port })))
      const opened = rm(path, { force: true })
        .then(() => listen(server, { path }))
        .then(() => path)
      relays.set(key, opened)
      return opened
    },
    async expose(port, socketPath) {
      const server = net.createServer((socket) => pipe(socket, net.connect({ path: socketPath })))
      await listen(server, { host: identity.address, port })
    },
    async sandbox({ id, address }: SandboxSpec): Promise<Sandbox> {
      sandboxes.add(id)
      return {
        id,
        address,
        async [Symbol.asyncDispose]() {
          sandboxes.delete(id)
        },
      }
    },
    setCutOff(cutOff) {
      for (const socket of sockets)
        if (cutOff) socket.pause()
        else socket.resume()
    },
    powerOff,
    async powerOn() {
      off = new AbortController()
      await become('on')
    },
    async freeze() {
      await become('frozen')
      for (const process of running) process.signal('SIGSTOP', 'freeze')
    },
    async thaw() {
      for (const process of running) process.signal('SIGCONT', 'freeze')
      await become('on')
    },
    onPower: (listener) => void listeners.push(listener),
    components: () => [...new Set([...running].map(({ component }) => component))],
    terminal: absent,
    stream: notHere,
    signal: absent,
    unplug: absent,
    plug: absent,
    async [Symbol.asyncDispose]() {
      await powerOff()
      await rm(root, { recursive: true, force: true })
    },
  }
}
