import WebSocket, { type RawData } from 'ws'
import { HalabError } from '../../errors.ts'
import type { ExecEnd, ExecRequest } from '../../wire/agent-api.ts'
import { type AgentClient, agentSocketUrl } from '../../wire/agent-client.ts'
import { EXIT } from '../exit.ts'
import { type Io, printJson } from '../io.ts'

export interface ExecOptions {
  readonly node: string
  readonly argv: readonly string[]
  readonly timeoutSeconds?: number
}

/** First byte of what the agent sends. */
const STDOUT = 1
const STDERR = 2
/** Standard input waits while this much of it has not left yet. */
const MAX_UNSENT_BYTES = 1 << 20

type Ended = Extract<ExecEnd, { exitCode: number | null }>

/**
 * Standard input, output and exit status as if the program ran here; 128 + n after signal n, 124
 * after the timeout. With `--json` the output is collected and printed with the exit status.
 * SIGINT is passed on to the program.
 */
export async function exec(agent: AgentClient, options: ExecOptions, io: Io): Promise<number> {
  const socket = new WebSocket(agentSocketUrl(agent.socketPath, '/v1/exec'), {
    headers: { 'x-halab-client': 'cli' },
    perMessageDeflate: false,
    maxPayload: 0,
  })
  const collected: Record<typeof STDOUT | typeof STDERR, Buffer[]> = { [STDOUT]: [], [STDERR]: [] }
  const take = (stream: typeof STDOUT | typeof STDERR, bytes: Buffer) => {
    if (io.json) {
      collected[stream].push(bytes)
      return
    }
    const output = stream === STDOUT ? io.stdout : io.stderr
    if (output.write(bytes)) return
    socket.pause()
    output.once('drain', () => socket.resume())
  }
  const interrupt = () => socket.send(JSON.stringify({ signal: 'SIGINT' }))
  let stopReading = () => undefined as void
  socket.once('open', () => {
    stopReading = sendInput(socket, options, io)
    process.on('SIGINT', interrupt)
  })
  try {
    const end = await ended(socket, take)
    if (io.json) {
      const { exitCode, signal } = end
      const text = (stream: typeof STDOUT | typeof STDERR) =>
        Buffer.concat(collected[stream]).toString()
      printJson(io, { exitCode, signal, stdout: text(STDOUT), stderr: text(STDERR) })
    }
    return exitStatus(end)
  } finally {
    stopReading()
    process.off('SIGINT', interrupt)
    socket.terminate()
  }
}

/** Sends the request, then standard input until its end. Returns how to stop. */
function sendInput(socket: WebSocket, options: ExecOptions, { stdin }: Io): () => void {
  const { node, argv, timeoutSeconds } = options
  const request: ExecRequest = {
    node,
    argv,
    ...(timeoutSeconds !== undefined && { timeoutMs: Math.round(timeoutSeconds * 1000) }),
  }
  socket.send(JSON.stringify(request))
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

function ended(
  socket: WebSocket,
  take: (stream: typeof STDOUT | typeof STDERR, bytes: Buffer) => void,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    socket.on('message', (raw: RawData, isBinary: boolean) => {
      if (!Buffer.isBuffer(raw)) return
      if (isBinary) {
        take(raw[0] === STDERR ? STDERR : STDOUT, raw.subarray(1))
        return
      }
      const end = JSON.parse(raw.toString()) as ExecEnd
      if ('error' in end) {
        const { code, message, hint } = end.error
        reject(new HalabError(code, message, hint ? { hint } : {}))
      } else resolve(end)
    })
    socket.once('error', (cause) => reject(new HalabError('lab-gone', cause.message, { cause })))
    socket.once('close', () => {
      reject(new HalabError('lab-gone', 'the lab ended while the command ran'))
    })
  })
}

function exitStatus({ exitCode, signal, timedOut }: Ended): number {
  if (timedOut) return EXIT.timedOut
  if (exitCode !== null) return exitCode
  return 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0)
}
/** Those that a program on a node ends by, in practice. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
}
