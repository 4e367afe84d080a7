import { fileURLToPath } from 'node:url'
import { type IPty, spawn } from 'node-pty'
import { expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import type { ExitStatus, Pty } from '../engines/types.ts'
import { createTerminalSession, type TerminalSession } from '../terminal/index.ts'
import { scriptedAgent } from './testing/scripted-agent.ts'

const SIZE = { cols: 90, rows: 20 }
const PATH = '/usr/bin:/bin'
const MAIN = fileURLToPath(new URL('start.ts', import.meta.url))
const OPENED = { id: 'cp-1-1', node: 'cp-1', title: 'cp-1', exited: false }
const SCRIPT = {
  'POST /v1/terminals': { body: OPENED },
}

/** The node's end: a bash on a pty of its own. */
function nodeShell(script: string): Pty {
  const child = spawn('/bin/bash', ['--norc', '-c', script], {
    ...SIZE,
    cwd: '/',
    env: { TERM: 'xterm-256color', PATH },
    encoding: null,
  })
  const { promise: exited, resolve } = Promise.withResolvers<ExitStatus>()
  child.onExit(({ exitCode }) => resolve({ code: exitCode, signal: null }))
  return {
    exited,
    // node-pty's type says string; with `encoding: null` it gives Buffers.
    onData: (listener) => void child.onData((chunk: unknown) => listener(chunk as Buffer)),
    write: (bytes) => child.write(Buffer.from(bytes)),
    resize: ({ cols, rows }) => child.resize(cols, rows),
    pause: () => child.pause(),
    resume: () => child.resume(),
    alive: () => true,
    [Symbol.dispose]: () => child.kill(),
  }
}

function attach(session: TerminalSession, socket: WebSocket): void {
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
}

/** The person's end: a terminal with a shell in it, whose modes can be asked after halab has ended. */
function person(): { terminal: IPty; shown: () => string } {
  const env = { ...process.env, PATH, TERM: 'xterm-256color', PS1: '' } as Record<string, string>
  const command = `stty -g; "${process.execPath}" "${MAIN}" shell bar cp-1; echo "status $?"; stty -g; sleep 9`
  const terminal = spawn('/bin/bash', ['--norc', '-c', command], { ...SIZE, cwd: '/', env })
  let text = ''
  terminal.onData((chunk) => (text += chunk))
  return { terminal, shown: () => text }
}

/** What `stty -g` says of a terminal: all its settings in one word. */
function modes(shown: string): string[] {
  return [...shown.matchAll(/^[0-9a-f]+(:[0-9a-f]+){20,}/gm)].map(([word]) => word)
}

test('typed, echoed, resized; and the terminal is as it was', async () => {
  const session = await createTerminalSession({
    pty: nodeShell('echo ready; read line; stty size; echo "got $line"; exit 7'),
    title: 'cp-1',
    size: SIZE,
  })
  await using agent = await scriptedAgent(SCRIPT, (socket) => attach(session, socket))
  const { terminal, shown } = person()
  try {
    await vi.waitFor(() => expect(shown()).toContain('ready'), { timeout: 10_000 })
    expect(agent.asked.at(-1)?.body).toEqual({ node: 'cp-1' })
    terminal.resize(101, 33)
    await vi.waitFor(() => expect(session.size).toEqual({ cols: 101, rows: 33 }))
    terminal.write('hello\r')
    await vi.waitFor(() => expect(shown()).toContain('status 7'), { timeout: 5000 })
    expect(shown()).toMatch(/33 101\r\ngot hello/)
    await vi.waitFor(() => expect(modes(shown())).toHaveLength(2))
    const [before, after] = modes(shown())
    expect(after).toEqual(before)
  } finally {
    terminal.kill()
    session.close()
  }
})

test('a node that loses its power leaves no alternate screen and no raw terminal behind', async () => {
  const session = await createTerminalSession({
    pty: nodeShell("printf '\\033[?1049h\\033[?1000hfull screen'; sleep 60"),
    title: 'cp-1',
    size: SIZE,
  })
  await using _agent = await scriptedAgent(SCRIPT, (socket) => attach(session, socket))
  const { terminal, shown } = person()
  try {
    await vi.waitFor(() => expect(shown()).toContain('full screen'), { timeout: 10_000 })
    session.close(4503, 'cp-1 is off')
    await vi.waitFor(() => expect(modes(shown())).toHaveLength(2), { timeout: 5000 })
    expect(shown()).toContain('halab: terminal-closed')
    expect(shown()).toContain('status 3')
    const afterwards = shown().slice(shown().indexOf('full screen'))
    for (const sequence of ['\x1b[?1049l', '\x1b[?1000l', '\x1b[?25h']) {
      expect(afterwards).toContain(sequence)
    }
    const [before, after] = modes(shown())
    expect(after).toEqual(before)
  } finally {
    terminal.kill()
  }
})
