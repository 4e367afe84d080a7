/** A GateRun over an agent's socket. */
import WebSocket, { type RawData } from 'ws'
import { HalabError } from '../../errors.ts'
import type { ExecEnd, ExecRequest } from '../../wire/agent-api.ts'
import { type AgentClient, agentSocketUrl } from '../../wire/agent-client.ts'
import type { RunSummary } from '../../wire/lab.ts'
import type { Results } from '../../wire/results.ts'
import { GATE_POLL_MS, READY_LIMIT_MS } from '../limits.ts'
import type { GateRun, ScriptEnd } from './run.ts'

/** Written to a file first: a script on standard input would be eaten by the first ssh in it. */
const RUN_SCRIPT = 'f=$(mktemp) && cat >"$f" && exec bash -euo pipefail "$f" </dev/null'
/** How much of a script's output a report keeps. */
const OUTPUT_TAIL_BYTES = 2000

/** Waits until the lab of `agent` is ready. Disposing of the run ends the lab. Throws what boot failed with. */
export async function gateRun(agent: AgentClient, signal: AbortSignal): Promise<GateRun> {
  const { name } = await untilReady(agent, signal).catch(async (cause: unknown) => {
    await agent.post('/v1/end').catch(() => undefined)
    throw cause
  })
  return {
    name,
    results: () => agent.get<Results>('/v1/results'),
    script: (source, limitMs) => runScript(agent, source, limitMs),
    async reset() {
      await agent.post('/v1/reset')
      await untilReady(agent, signal)
    },
    async [Symbol.asyncDispose]() {
      await agent.post('/v1/end').catch(() => undefined)
    },
  }
}

async function untilReady(agent: AgentClient, signal: AbortSignal): Promise<RunSummary> {
  const deadline = Date.now() + READY_LIMIT_MS
  while (Date.now() < deadline) {
    const run = await agent.get<RunSummary>('/v1/run')
    if (run.state === 'ready') return run
    if (run.state === 'failed' || run.state === 'ended') {
      const { code, message, hint } = run.error ?? { code: 'lab-ended', message: 'the lab ended' }
      throw new HalabError(code, `${run.name}: ${message}`, { hint })
    }
    await pause(GATE_POLL_MS, signal)
  }
  throw new HalabError('not-ready', `The lab was not ready after ${READY_LIMIT_MS / 1000} s.`)
}

function runScript(agent: AgentClient, source: string, limitMs: number): Promise<ScriptEnd> {
  const socket = new WebSocket(agentSocketUrl(agent.socketPath, '/v1/exec'), {
    headers: { 'x-halab-client': 'gate' },
  })
  let output = ''
  return new Promise<ScriptEnd>((resolve, reject) => {
    socket.once('open', () => {
      const request: ExecRequest = {
        node: 'workstation',
        argv: ['bash', '-c', RUN_SCRIPT],
        timeoutMs: limitMs,
      }
      socket.send(JSON.stringify(request))
      socket.send(Buffer.from(source))
      socket.send(JSON.stringify({ eof: true }))
    })
    socket.on('message', (raw: RawData, isBinary: boolean) => {
      if (!Buffer.isBuffer(raw)) return
      if (isBinary) {
        output = (output + raw.subarray(1).toString()).slice(-OUTPUT_TAIL_BYTES)
        return
      }
      const end = JSON.parse(raw.toString()) as ExecEnd
      if ('error' in end) reject(new HalabError(end.error.code, end.error.message))
      else resolve({ exitCode: end.timedOut ? 124 : end.exitCode, output })
    })
    socket.once('error', (cause) => reject(new HalabError('lab-gone', cause.message, { cause })))
    socket.once('close', () => reject(new HalabError('lab-gone', 'The lab ended under a script.')))
  }).finally(() => socket.terminate())
}

/** Resolves after `ms`; rejects with the signal's reason when it aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal.addEventListener('abort', abort, { once: true })
  })
}
