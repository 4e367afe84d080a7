/** Speaks the agent's API over its Unix socket. Node's own http only: `lab` must start at once. */
import { request, type IncomingMessage } from 'node:http'
import { HalabError, type ErrorBody } from '../errors.ts'
import type { Evidence, EvidenceKind } from './evidence.ts'

export interface AgentClient {
  readonly socketPath: string
  get<T>(path: string): Promise<T>
  post<T>(path: string, body?: unknown): Promise<T>
  /** Ends when the lab ends, or with `signal`; without `follow` at the last line written. */
  evidence(options?: EvidenceOptions): AsyncIterable<Evidence>
}

export interface EvidenceOptions {
  readonly follow?: boolean
  readonly kind?: EvidenceKind
  /** First line number wanted. */
  readonly from?: number
  readonly signal?: AbortSignal
}

/** Who asks: what counts as somebody being there (a lab without anybody may be paused). */
export type ClientName = 'cli' | 'page' | 'lab' | 'gate'

export function agentClient(socketPath: string, client: ClientName = 'cli'): AgentClient {
  const headers = { 'x-halab-client': client }
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await send(socketPath, method, path, headers, body)
    const text = await readAll(response)
    if (response.statusCode !== undefined && response.statusCode < 400) {
      return (text === '' ? undefined : JSON.parse(text)) as T
    }
    throw errorFrom(response.statusCode ?? 500, text)
  }
  return {
    socketPath,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body ?? {}),
    async *evidence({ follow, kind, from, signal } = {}) {
      const query = new URLSearchParams()
      if (follow) query.set('follow', '1')
      if (kind) query.set('kind', kind)
      if (from) query.set('from', String(from))
      const path = `/v1/evidence?${query}`
      const response = await send(socketPath, 'GET', path, headers, undefined, signal)
      if (response.statusCode !== 200) {
        throw errorFrom(response.statusCode ?? 500, await readAll(response))
      }
      yield* lines(response, signal)
    },
  }
}

/** The `ws` address of a path on this agent, for `new WebSocket(…)`. */
export function agentSocketUrl(socketPath: string, path: string): string {
  return `ws+unix://${socketPath}:${path}`
}

function send(
  socketPath: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath,
        method,
        path,
        headers:
          payload === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        ...(signal && { signal }),
      },
      resolve,
    )
    outgoing.on('error', (cause) => {
      reject(
        new HalabError('lab-gone', 'the lab does not answer', {
          hint: '`halab ls` lists the labs that run',
          cause,
        }),
      )
    })
    outgoing.end(payload)
  })
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) text += String(chunk)
  return text
}

function errorFrom(status: number, text: string): HalabError {
  try {
    const { error } = JSON.parse(text) as { error: ErrorBody }
    return new HalabError(error.code, error.message, error.hint ? { hint: error.hint } : {})
  } catch {
    return new HalabError('agent-error', `the lab answered with status ${status}`)
  }
}

async function* lines(response: IncomingMessage, signal?: AbortSignal): AsyncIterable<Evidence> {
  let rest = ''
  response.setEncoding('utf8')
  try {
    for await (const chunk of response) {
      rest += String(chunk)
      const whole = rest.split('\n')
      rest = whole.pop() ?? ''
      for (const line of whole) yield JSON.parse(line) as Evidence
    }
  } catch (error) {
    // The end of a lab cuts the stream; what was sent before stands.
    if (!signal?.aborted && (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
  }
}
