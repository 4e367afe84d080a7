/** One command on a node over the agent's WebSocket: standard input in, output and exit status back. */
import type { Readable } from 'node:stream'
import WebSocket, { type RawData } from 'ws'
import { HalabError } from '../errors.ts'
import type { ExecEnd, ExecRequest } from '../wire/agent-api.ts'
import { type AgentClient, agentSocketUrl } from '../wire/agent-client.ts'

export interface CommandIo {
  readonly stdin: Readable
  /** Output stops coming while the promise is pending. */
  output(stream: 'stdout' | 'stderr', bytes: Buffer): Promise<void> | undefined
}

export type CommandEnd = Extract<ExecEnd, { exitCode: number | null }>

export interface NodeCommand extends Disposable {
  /** Throws what the agent says, and `lab-gone` when it vanishes. */
  readonly ended: Promise<CommandEnd>
  /** To the program, not to its terminal: it has none. */
  signal(name: 'SIGINT' | 'SIGTERM'): void
}

/** First byte of what the agent sends. */
const STDERR = 2
/** Standard input waits while this much of it has not left yet. */
const MAX_UNSENT_BYTES = 1 << 20

export function startCommand(agent: AgentClient, request: ExecRequest, io: CommandIo): NodeCommand {
  const socket = new WebSocket(agentSocketUrl(agent.socketPath, '/v1/exec'), {
    headers: { 'x-halab-client': 'cli' },
    perMessageDeflate: false,
    maxPayload: 0,
  })
  let stopInput: () => void = () => undefined
  socket.once('open', () => {
    socket.send(JSON.stringify(request))
    stopInput = sendInput(socket, io.stdin)
  })
  return {
    ended: endOf(socket, io),
    signal(name) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ signal: name }))
    },
    [Symbol.dispose]() {
      stopInput()
      socket.terminate()
    },
  }
}

/** Sends standard input until its end. Returns how to stop. */
function sendInput(socket: WebSocket, stdin: Readable): () => void {
  const onData = (chunk: Buffer) => {
    socket.send(chunk, () => {
      if (socket.bufferedAmount <= MAX_UNSENT_BYTES) stdin.resume()
    })
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) stdin.pause()
  }
  const onEnd = () => socket.send(JSON.stringify({ eof: true }))
  stdin.on('data', onData)
  stdin.on('end', onEnd)
  // Standard input that cannot be read (closed, a folder) is an empty one.
  stdin.on('error', onEnd)
  return () => {
    stdin.off('data', onData)
    stdin.off('end', onEnd)
    stdin.pause()
  }
}

function endOf(socket: WebSocket, io: CommandIo): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const gone = (message: string, cause?: unknown) =>
      reject(new HalabError('lab-gone', message, { cause }))
    socket.on('message', (raw: RawData, isBinary: boolean) => {
      if (!Buffer.isBuffer(raw)) return
      if (!isBinary) {
        settle(JSON.parse(raw.toString()) as ExecEnd, resolve, reject)
        return
      }
      const taken = io.output(raw[0] === STDERR ? 'stderr' : 'stdout', raw.subarray(1))
      if (!taken) return
      socket.pause()
      void taken.then(() => socket.resume())
    })
    socket.once('error', (cause) => gone(cause.message, cause))
    socket.once('close', () => gone('the lab ended while the command ran'))
  })
}

function settle(
  end: ExecEnd,
  resolve: (end: CommandEnd) => void,
  reject: (error: HalabError) => void,
): void {
  if (!('error' in end)) return resolve(end)
  const { code, message, hint } = end.error
  reject(new HalabError(code, message, hint ? { hint } : {}))
}
