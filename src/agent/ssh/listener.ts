/**
 * The other end of the lab's `ssh`: a port in the node's own network that leads to the agent, which
 * starts what is asked for on the node. It fails, as it should, when the node is off or unplugged.
 */
import { timingSafeEqual } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Node } from '../../engines/types.ts'
import { errorBody } from '../../errors.ts'
import { frame, FRAME, frameReader, SSH_PORT, type SshHello } from './protocol.ts'

const HELLO_TIMEOUT_MS = 5000

/** Listens until the node loses its power. */
export async function exposeSsh(node: Node, key: string, socketDir: string): Promise<void> {
  const path = `${socketDir}/ssh-${node.name}.sock`
  await rm(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    serve(node, key, socket)
  })
  server.listen(path)
  await once(server, 'listening')
  node.poweredOff.addEventListener(
    'abort',
    () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
    { once: true },
  )
  await node.expose(SSH_PORT, path)
}

interface Session {
  input(chunk: Buffer): void
  endInput(): void
  resize(size: { cols: number; rows: number }): void
  signal(name: NodeJS.Signals): void
  hangUp(): void
}

function serve(node: Node, key: string, socket: Socket): void {
  let session: Session | undefined
  let begun = false
  const timer = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS)
  const queue: [number, Buffer][] = []
  const take = (type: number, payload: Buffer) => {
    if (!session) {
      queue.push([type, Buffer.from(payload)])
      return
    }
    if (type === FRAME.stdin && payload.length === 0) session.endInput()
    else if (type === FRAME.stdin) session.input(payload)
    else if (type === FRAME.resize)
      session.resize(JSON.parse(payload.toString()) as { cols: number; rows: number })
    else if (type === FRAME.signal) session.signal(payload.toString() as NodeJS.Signals)
  }
  const read = frameReader((type, payload) => {
    if (begun) return take(type, payload)
    begun = true
    clearTimeout(timer)
    const hello = type === FRAME.hello ? (JSON.parse(payload.toString()) as SshHello) : undefined
    if (!hello || !sameKey(hello.key, key)) {
      socket.end(frame(FRAME.refused, 'Permission denied (lab-key).'))
      return
    }
    void open(node, hello, socket).then(
      (opened) => {
        session = opened
        for (const [queued, body] of queue.splice(0)) take(queued, body)
      },
      (error: unknown) => socket.end(frame(FRAME.refused, errorBody(error).message)),
    )
  })
  socket.on('data', (chunk) => {
    try {
      read(chunk)
    } catch {
      socket.destroy()
    }
  })
  socket.once('close', () => {
    clearTimeout(timer)
    session?.hangUp()
  })
}

async function open(node: Node, hello: SshHello, socket: Socket): Promise<Session> {
  return hello.size
    ? openPty(node, hello, hello.size, socket)
    : openPipes(node, hello.command, socket)
}

async function openPty(
  node: Node,
  { command }: SshHello,
  size: { cols: number; rows: number },
  socket: Socket,
): Promise<Session> {
  const pty = await node.terminal(size, command)
  pty.onData((chunk) => {
    if (!socket.write(frame(FRAME.stdout, chunk))) {
      pty.pause()
      socket.once('drain', () => pty.resume())
    }
  })
  void pty.exited.then((exit) => socket.end(frame(FRAME.exit, JSON.stringify(exit))))
  return {
    input: (chunk) => pty.write(chunk),
    endInput: () => pty.write(Buffer.from([4])),
    resize: (next) => pty.resize(next),
    signal: () => undefined,
    hangUp: () => pty[Symbol.dispose](),
  }
}

async function openPipes(
  node: Node,
  command: string | undefined,
  socket: Socket,
): Promise<Session> {
  // As sshd does: the login shell gets the command line as one word.
  const argv = command === undefined ? ['bash', '-l'] : ['bash', '-c', command]
  const child = node.stream(argv)
  child.onOutput((stream, chunk) =>
    socket.write(frame(stream === 'stdout' ? FRAME.stdout : FRAME.stderr, chunk)),
  )
  void child.exited.then((exit) => socket.end(frame(FRAME.exit, JSON.stringify(exit))))
  return {
    input: (chunk) => child.write(chunk),
    endInput: () => child.end(),
    resize: () => undefined,
    signal: (name) => child.signal(name),
    hangUp: () => child.signal('SIGHUP'),
  }
}

function sameKey(given: unknown, key: string): boolean {
  const a = Buffer.from(String(given))
  const b = Buffer.from(key)
  return a.length === b.length && timingSafeEqual(a, b)
}
