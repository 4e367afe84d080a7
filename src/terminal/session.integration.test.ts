import { spawn } from 'node-pty'
import { expect, test, vi } from 'vitest'
import { WebSocketServer, WebSocket } from 'ws'
import type { AddressInfo } from 'node:net'
import type { ExitStatus, Pty } from '../engines/types.ts'
import { connectTerminal } from './node-client.ts'
import { createTerminalSession } from './session.ts'

const SIZE = { cols: 100, rows: 30 }

/** A shell as an engine would start one: bytes, a clean environment, and a sign of life. */
function openShell(script: string): Pty {
  const child = spawn('/bin/bash', ['--norc', '-c', script], {
    ...SIZE,
    cwd: '/',
    env: { TERM: 'xterm-256color', PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    encoding: null,
  })
  const { promise: exited, resolve } = Promise.withResolvers<ExitStatus>()
  child.onExit(({ exitCode }) => resolve({ code: exitCode, signal: null }))
  return {
    exited,
    alive() {
      try {
        return process.kill(child.pid, 0)
      } catch {
        return false
      }
    },
    // node-pty's type says string; with `encoding: null` it gives Buffers.
    onData: (listener) => void child.onData((chunk: unknown) => listener(chunk as Buffer)),
    write: (bytes) => child.write(Buffer.from(bytes)),
    resize: ({ cols, rows }) => child.resize(cols, rows),
    pause: () => child.pause(),
    resume: () => child.resume(),
    [Symbol.dispose]: () => child.kill(),
  }
}

/** A session behind a real WebSocket server, as the agent puts it. */
async function serve(script: string) {
  const session = await createTerminalSession({ pty: openShell(script), title: 'test', size: SIZE })
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  server.on('connection', (socket) => {
    const client = session.attach(
      {
        sendText: (text) => socket.send(text),
        sendBinary: (bytes) => socket.send(bytes),
        close: (code, reason) => socket.close(code, reason),
        bufferedAmount: () => socket.bufferedAmount,
      },
      { role: 'learner' },
    )
    socket.on('message', (raw: Buffer, isBinary) =>
      isBinary ? client.receiveBinary(raw) : client.receiveText(raw.toString()),
    )
    socket.on('close', () => client.closed())
  })
  await vi.waitFor(() => expect(server.address()).not.toBeNull())
  const { port } = server.address() as AddressInfo
  const end = () => {
    session.close()
    server.close()
  }
  return { session, connect: () => new WebSocket(`ws://127.0.0.1:${port}`), end }
}

test('a real shell: typed, echoed, resized, and its exit status', async () => {
  const { connect, end } = await serve('echo ready; read line; stty size; echo "got $line"; exit 7')
  let shown = ''
  const sizes: object[] = []
  const terminal = connectTerminal(connect(), {
    size: SIZE,
    want: 'control',
    write: async (bytes) => void (shown += Buffer.from(bytes).toString()),
    message: (message) =>
      message.type === 'size' && sizes.push({ cols: message.cols, rows: message.rows }),
  })
  await vi.waitFor(() => expect(shown).toContain('ready'))
  terminal.resize({ cols: 133, rows: 44 })
  await vi.waitFor(() => expect(sizes).toContainEqual({ cols: 133, rows: 44 }))
  terminal.input(Buffer.from('ü\n'))
  expect(await terminal.exited).toEqual({ code: 7, signal: null })
  expect(shown).toContain('44 133')
  expect(shown).toMatch(/got ü/)
  end()
})

test('a flood to a slow reader arrives whole, to its last line, although the program ends while paused', async () => {
  const { connect, end } = await serve('seq 1 400000; echo the end')
  const pieces: Uint8Array[] = []
  let held: (() => void) | null = null
  const terminal = connectTerminal(connect(), {
    size: SIZE,
    want: 'control',
    // Takes nothing until let go: the window closes and the pty is paused.
    write: (bytes) => {
      pieces.push(bytes)
      return pieces.length > 3 && held === null
        ? new Promise((resolve) => (held = resolve))
        : Promise.resolve()
    },
  })
  await vi.waitFor(() => expect(held).not.toBeNull())
  held!()
  await terminal.exited
  const lines = Buffer.concat(pieces).toString().trimEnd().split('\r\n')
  expect(lines.slice(-3)).toEqual(['399999', '400000', 'the end'])
  end()
}, 20_000)

test('a reader that vanishes and comes back has missed nothing', async () => {
  const { session, connect, end } = await serve('for i in 1 2 3; do read l; echo "line $i"; done')
  const open = () => {
    let shown = ''
    const socket = connect()
    const terminal = connectTerminal(socket, {
      size: SIZE,
      want: 'control',
      write: async (bytes) => void (shown += Buffer.from(bytes).toString()),
    })
    terminal.exited.catch(() => {})
    return { terminal, socket, shown: () => shown }
  }
  const first = open()
  await vi.waitFor(() => expect(session.attached).toBe(1))
  first.terminal.input(Buffer.from('a\n'))
  await vi.waitFor(() => expect(first.shown()).toContain('line 1'))
  first.socket.terminate()
  await vi.waitFor(() => expect(session.attached).toBe(0))
  const second = open()
  await vi.waitFor(() => expect(second.shown()).toContain('line 1'))
  second.terminal.input(Buffer.from('b\nc\n'))
  expect(await second.terminal.exited).toEqual({ code: 0, signal: null })
  expect(second.shown()).toContain('line 3')
  end()
})
