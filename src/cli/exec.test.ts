import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import type { ExecEnd, ExecRequest } from '../wire/agent-api.ts'
import { main } from './main.ts'
import { halab, scriptedAgent } from './testing/scripted-agent.ts'

const EXITED: ExecEnd = { exitCode: 0, signal: null, timedOut: false }

interface Heard {
  request?: ExecRequest
  input: Buffer
}

/** A program that reads its input to the end, then does what `act` says. */
function program(heard: Heard, act: (socket: WebSocket) => void) {
  return (socket: WebSocket, path: string) => {
    expect(path).toBe('/v1/exec')
    socket.on('message', (raw: Buffer, isBinary) => {
      if (isBinary) heard.input = Buffer.concat([heard.input, raw])
      else if (!heard.request) heard.request = JSON.parse(raw.toString()) as ExecRequest
      else if ('eof' in JSON.parse(raw.toString())) act(socket)
    })
  }
}

function say(socket: WebSocket, stream: 1 | 2, text: string): void {
  socket.send(Buffer.concat([Buffer.from([stream]), Buffer.from(text)]))
}
function end(socket: WebSocket, how: ExecEnd): void {
  socket.send(JSON.stringify(how))
  socket.close()
}

test('input, output and exit status pass through unaltered', async () => {
  const heard: Heard = { input: Buffer.alloc(0) }
  await using _agent = await scriptedAgent(
    {},
    program(heard, (socket) => {
      say(socket, 1, 'out\r\n')
      say(socket, 2, 'err')
      end(socket, { ...EXITED, exitCode: 42 })
    }),
  )
  const input = Buffer.from([0, 255, 10, 13, 4])
  const told = await halab(['exec', 'bar', 'cp-1', '--', 'cat', '-n', '--', '--json'], input)
  expect(told).toEqual({ status: 42, stdout: 'out\r\n', stderr: 'err' })
  expect(heard.request).toEqual({ node: 'cp-1', argv: ['cat', '-n', '--', '--json'] })
  expect(heard.input).toEqual(input)
})

test('megabytes of input and output arrive whole', async () => {
  const heard: Heard = { input: Buffer.alloc(0) }
  const chunk = 'x'.repeat(1 << 16)
  await using _agent = await scriptedAgent(
    {},
    program(heard, (socket) => {
      for (let i = 0; i < 64; i++) say(socket, 1, chunk)
      end(socket, EXITED)
    }),
  )
  const { status, stdout } = await halab(
    ['exec', 'bar', 'cp-1', '--', 'cat'],
    Buffer.alloc(5 << 20, 'y'),
  )
  expect(status).toBe(0)
  expect(stdout.length).toBe(64 * chunk.length)
  expect(heard.input.length).toBe(5 << 20)
})

test('with --json the output is collected', async () => {
  await using _agent = await scriptedAgent(
    {},
    program({ input: Buffer.alloc(0) }, (socket) => {
      say(socket, 1, 'hello')
      say(socket, 2, 'oops')
      end(socket, { exitCode: null, signal: 'SIGKILL', timedOut: false })
    }),
  )
  const { status, stdout } = await halab(['exec', 'bar', 'cp-1', '--json', '--', 'true'])
  expect(status).toBe(137)
  expect(JSON.parse(stdout)).toEqual({
    exitCode: null,
    signal: 'SIGKILL',
    stdout: 'hello',
    stderr: 'oops',
  })
})

test('a timeout is sent in milliseconds and ends with 124', async () => {
  const heard: Heard = { input: Buffer.alloc(0) }
  await using _agent = await scriptedAgent(
    {},
    program(heard, (socket) => {
      end(socket, { exitCode: 124, signal: null, timedOut: true })
    }),
  )
  const { status } = await halab(['exec', 'bar', 'cp-1', '--timeout', '1.5', '--', 'sleep', '9'])
  expect(status).toBe(124)
  expect(heard.request?.timeoutMs).toBe(1500)
})

test.each([
  ['an unknown node', { error: { code: 'unknown-node', message: 'no node cp-9', hint: 'cp-1' } }],
  ['a node without power', { error: { code: 'node-off', message: 'cp-1 is off' } }],
])('%s is halab’s own failure: 3', async (_, how) => {
  await using _agent = await scriptedAgent(
    {},
    program({ input: Buffer.alloc(0) }, (socket) => {
      end(socket, how)
    }),
  )
  const { status, stdout, stderr } = await halab(['exec', 'bar', 'cp-9', '--', 'true'])
  expect(status).toBe(3)
  expect(stdout).toBe('')
  expect(stderr).toMatch(new RegExp(`^halab: ${how.error.code} `))
})

test('a lab that ends meanwhile is told, not waited for', async () => {
  await using _agent = await scriptedAgent(
    {},
    program({ input: Buffer.alloc(0) }, (socket) => {
      socket.terminate()
    }),
  )
  const { status, stderr } = await halab(['exec', 'bar', 'cp-1', '--', 'true'])
  expect(status).toBe(3)
  expect(stderr).toContain('halab: lab-gone')
})

test('Ctrl-C is passed on to the program', async () => {
  await using _agent = await scriptedAgent({}, (socket) => {
    say(socket, 1, 'running')
    socket.on('message', (raw: Buffer) => {
      if (raw.toString() === '{"signal":"SIGINT"}') {
        end(socket, { exitCode: null, signal: 'SIGINT', timedOut: false })
      }
    })
  })
  // Standard input stays open, as a terminal's does.
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  const status = main(['exec', 'bar', 'cp-1', '--', 'sleep', '9'], streams)
  await once(streams.stdout, 'data')
  process.emit('SIGINT')
  expect(await status).toBe(130)
})
