/** `ssh NODE [command…]` on the lab's machines. Standard library only: it starts in a moment. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { homedir } from 'node:os'
import { frame, FRAME, frameReader, SSH_PORT, type SshHello } from './protocol.ts'

const CONNECT_TIMEOUT_MS = 5000

interface Call {
  readonly host: string
  readonly command: string | undefined
  readonly pty: boolean
}

/** The options of ssh that people type out of habit are taken and, where they mean nothing here, ignored. */
function parse(argv: readonly string[]): Call | undefined {
  const withValue = new Set(['-o', '-i', '-l', '-p', '-F', '-E', '-b', '-c', '-m'])
  let force: boolean | undefined
  let i = 0
  for (; i < argv.length; i += 1) {
    const word = argv[i] ?? ''
    if (!word.startsWith('-')) break
    if (word === '--') {
      i += 1
      break
    }
    if (withValue.has(word)) i += 1
    else if (/^-t+$/.test(word)) force = true
    else if (word === '-T') force = false
  }
  const host = argv[i]?.replace(/^.*@/, '')
  if (host === undefined || host === '') return undefined
  const words = argv.slice(i + 1)
  const command = words.length > 0 ? words.join(' ') : undefined
  const terminal = process.stdin.isTTY && process.stdout.isTTY
  return { host, command, pty: (force ?? command === undefined) && terminal }
}

export function ssh(argv: readonly string[]): Promise<number> {
  const call = parse(argv)
  if (!call) {
    process.stderr.write('usage: ssh [-t] NODE [command…]\n')
    return Promise.resolve(255)
  }
  return new Promise((resolve) => {
    const socket = connect({ host: call.host, port: SSH_PORT })
    const fail = (why: string) => {
      socket.destroy()
      process.stderr.write(`ssh: connect to host ${call.host} port ${SSH_PORT}: ${why}\n`)
      resolve(255)
    }
    const timer = setTimeout(() => fail('Connection timed out'), CONNECT_TIMEOUT_MS)
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      fail(reason(error))
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      talk(socket, call, resolve)
    })
  })
}

function talk(socket: Socket, call: Call, resolve: (code: number) => void): void {
  let code = 255
  const size = () => ({ cols: process.stdout.columns || 80, rows: process.stdout.rows || 24 })
  const hello: SshHello = {
    key: readFileSync(`${homedir()}/.ssh/lab-key`, 'utf8').trim(),
    ...(call.command !== undefined && { command: call.command }),
    ...(call.pty && { size: size() }),
  }
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 5000)
  socket.write(frame(FRAME.hello, JSON.stringify(hello)))
  if (call.pty) process.stdin.setRawMode(true)
  else {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => socket.write(frame(FRAME.signal, signal)))
    }
  }
  process.stdout.on('resize', () => socket.write(frame(FRAME.resize, JSON.stringify(size()))))
  process.stdin.on('data', (chunk: Buffer) => {
    if (!socket.write(frame(FRAME.stdin, chunk))) process.stdin.pause()
  })
  socket.on('drain', () => process.stdin.resume())
  process.stdin.on('end', () => socket.write(frame(FRAME.stdin)))
  let ended = false
  socket.on(
    'data',
    frameReader((type, payload) => {
      if (type === FRAME.stdout) process.stdout.write(payload)
      else if (type === FRAME.stderr) process.stderr.write(payload)
      else if (type === FRAME.refused) process.stderr.write(`ssh: ${payload.toString()}\n`)
      else if (type === FRAME.exit) {
        ended = true
        const exit = JSON.parse(payload.toString()) as {
          code: number | null
          signal: string | null
        }
        code = exit.code ?? 255
      }
    }),
  )
  socket.on('error', () => undefined)
  socket.once('close', () => {
    if (call.pty) process.stdin.setRawMode(false)
    process.stdin.destroy()
    if (!ended) process.stderr.write(`Connection to ${call.host} closed by remote host.\n`)
    resolve(code)
  })
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  const words: Record<string, string> = {
    ECONNREFUSED: 'Connection refused',
    EHOSTUNREACH: 'No route to host',
    ENETUNREACH: 'Network is unreachable',
    ETIMEDOUT: 'Connection timed out',
    ENOTFOUND: 'Could not resolve hostname',
    EAI_AGAIN: 'Could not resolve hostname',
  }
  return words[code ?? ''] ?? message
}
