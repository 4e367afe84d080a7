/** `halab exec`: a program on a node with its pipes carried over a WebSocket, bytes unaltered. */
import type { RawData, WebSocket } from 'ws'
import { z } from 'zod'
import { errorBody } from '../../errors.ts'
import type { StreamedExec } from '../../engines/types.ts'
import { HalabError } from '../../errors.ts'
import type { ExecEnd } from '../../wire/agent-api.ts'
import type { Lab } from '../lab.ts'
import { LIMITS } from '../limits.ts'
import { parse } from './routes.ts'

const requestSchema = z.strictObject({
  node: z.string(),
  argv: z.array(z.string()).min(1),
  timeoutMs: z.number().positive().max(LIMITS.execTimeoutMaxMs).optional(),
})
const controlSchema = z.union([
  z.strictObject({ eof: z.literal(true) }),
  z.strictObject({ signal: z.enum(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGKILL']) }),
])
/** First byte of a binary frame from the agent. */
const STREAM = { stdout: 1, stderr: 2 } as const
const HIGH_WATER_BYTES = 1 << 20

export function serveExec(lab: Lab, socket: WebSocket): void {
  let program: StreamedExec | undefined
  const end = (result: ExecEnd) => {
    socket.send(JSON.stringify(result))
    socket.close(1000)
  }
  const begin = (text: string) => {
    const { node: name, argv, timeoutMs } = parse(requestSchema, JSON.parse(text))
    const node = lab.booted?.cluster.nodes.get(name)
    if (!node) {
      const known = [...(lab.booted?.cluster.nodes.keys() ?? [])].join(', ')
      throw new HalabError('unknown-node', `this lab has no node ${name}`, {
        hint: known ? `its nodes: ${known}` : 'the lab is still starting',
      })
    }
    const running = node.stream(argv)
    let timedOut = false
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true
          running.signal('SIGKILL')
        }, timeoutMs)
      : undefined
    running.onOutput((stream, chunk) => {
      socket.send(Buffer.concat([Buffer.from([STREAM[stream]]), chunk]), { binary: true }, () => {
        if (socket.bufferedAmount < HIGH_WATER_BYTES) running.resume()
      })
      if (socket.bufferedAmount > HIGH_WATER_BYTES) running.pause()
    })
    void running.exited.then(({ code, signal }) => {
      clearTimeout(timer)
      program = undefined
      if (socket.readyState === socket.OPEN) end({ exitCode: code, signal, timedOut })
    })
    return running
  }
  const control = (text: string) => {
    const message = parse(controlSchema, JSON.parse(text))
    if ('eof' in message) program?.end()
    else program?.signal(message.signal)
  }
  socket.on('message', (frame: RawData, binary: boolean) => {
    const bytes = Buffer.isBuffer(frame) ? frame : Buffer.concat([frame].flat() as Buffer[])
    try {
      if (binary) {
        if (program && !program.write(bytes)) {
          socket.pause()
          program.onDrain(() => socket.resume())
        }
      } else if (program) control(bytes.toString())
      else program = begin(bytes.toString())
    } catch (error) {
      end({ error: errorBody(error) })
    }
  })
  // Whoever asked is gone: what they started goes too.
  socket.once('close', () => program?.signal('SIGKILL'))
}
