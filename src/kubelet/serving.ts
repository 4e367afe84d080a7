import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import { PORTS } from '../cluster/facts.ts'
import type { Node } from '../engines/types.ts'
import { errorBody } from '../errors.ts'
import type { KubePod } from '../kube/index.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import { readLog } from './log-reader.ts'
import type { LogRequest } from './log-reader.ts'

export interface ServingIdentity {
  /** PEM. */
  readonly cert: string
  readonly key: string
  /** CA of the clients that may come. */
  readonly ca: string
}
export interface ServingContext {
  readonly node: Node
  readonly runtime: ContainerRuntime
  readonly identity: ServingIdentity
  readonly socketPath: string
  /** Pods that this kubelet runs, with their status. */
  readonly pods: () => readonly KubePod[]
  /** The Pod's uid by the name that the API knows it by. */
  readonly podUid: (namespace: string, name: string) => string | undefined
}

/**
 * Who may use a kubelet's port: API servers. Any node's own certificate comes from the same CA, so
 * a valid certificate alone is not enough.
 */
const CLIENT_GROUPS = new Set(['system:masters', 'kubeadm:cluster-admins'])

class HttpFailure extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Serves the kubelet's port of a node on a Unix socket; resolves once connections to the node arrive there. */
export async function serveKubelet(context: ServingContext): Promise<AsyncDisposable> {
  const { identity, socketPath, runtime } = context
  await rm(socketPath, { force: true })
  const server = createServer(
    { ...identity, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      answer(context, request, response).catch((error: unknown) => fail(response, error))
    },
  )
  // Attach and exec ask for SPDY or WebSocket.
  server.on('upgrade', (_request, socket) => {
    // kubectl shows the message of a Status; of plain text it would say "unknown error".
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 501 }
    const body = JSON.stringify({ ...status, reason: 'NotImplemented', message: NOT_YET })
    const head = `content-type: application/json\r\ncontent-length: ${body.length}`
    socket.end(`HTTP/1.1 501 Not Implemented\r\n${head}\r\nconnection: close\r\n\r\n${body}`)
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
    await rm(socketPath, { force: true })
  }
  try {
    await runtime.exposeOnce(PORTS.kubelet, socketPath)
  } catch (error) {
    await close()
    throw error
  }
  return { [Symbol.asyncDispose]: close }
}
const NOT_YET = 'exec, attach and port-forward are not available on nodes of this lab: use ssh'

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const status = error instanceof HttpFailure ? error.status : 500
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${errorBody(error).message}\n`)
}

async function answer(
  context: ServingContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://kubelet')
  const [, route = '', ...names] = url.pathname.split('/').map(decodeURIComponent)
  authorize(request.socket)
  switch (route) {
    case 'healthz':
      response.end('ok')
      return
    case 'pods': {
      const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: context.pods() }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list))
      return
    }
    case 'containerLogs':
      return sendLog(context, names, url.searchParams, response)
    case 'exec':
    case 'attach':
    case 'portForward':
    case 'run':
      throw new HttpFailure(501, NOT_YET)
    default:
      throw new HttpFailure(404, '404 page not found')
  }
}

function authorize(socket: Socket): void {
  const organisation: unknown =
    socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.O : undefined
  const groups = Array.isArray(organisation) ? (organisation as unknown[]) : [organisation]
  if (groups.some((group) => CLIENT_GROUPS.has(String(group)))) return
  throw new HttpFailure(403, 'Forbidden')
}

async function sendLog(
  { node, runtime, podUid }: ServingContext,
  [namespace = '', name = '', containerName = '']: readonly string[],
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const uid = podUid(namespace, name)
  if (!uid) throw new HttpFailure(404, `pod "${name}" does not exist on this node`)
  const runs = runtime.containers(uid).filter((run) => run.name === containerName)
  const previous = query.get('previous') === 'true'
  const run = runs.at(previous ? -2 : -1)
  if (!run) {
    const which = previous ? 'previous terminated ' : ''
    throw new HttpFailure(400, `${which}container "${containerName}" in pod "${name}" not found`)
  }
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  const lines = readLog(node, run.log, logRequest(query), gone.signal)
  await pipeline(Readable.from(lines, { objectMode: false }), response).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error
  })
}

function logRequest(query: URLSearchParams): LogRequest {
  const number = (name: string) => {
    const text = query.get(name)
    if (text === null) return null
    const value = Number(text)
    if (!Number.isInteger(value) || value < 0) throw new HttpFailure(400, `${name} is not a count`)
    return value
  }
  const sinceSeconds = number('sinceSeconds')
  const sinceTime = query.get('sinceTime')
  return {
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    tailLines: number('tailLines'),
    limitBytes: number('limitBytes'),
    since:
      sinceSeconds !== null
        ? Date.now() - sinceSeconds * 1_000
        : sinceTime
          ? Date.parse(sinceTime)
          : null,
  }
}
