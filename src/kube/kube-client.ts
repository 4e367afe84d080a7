import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { jsonLines } from './json-lines.ts'
import { failureReason, KubeApiError, KubeNetworkError } from './kube-error.ts'
import { KEEP_ALIVE_MS, POOL_CONNECTIONS, REQUEST_TIMEOUT_MS, WATCH_SECONDS } from './limits.ts'

export interface KubeClientOptions {
  /** `https://172.30.0.11:6443`. */
  readonly server: string
  /** A Unix socket whose other end is `server`; TLS is spoken over it. */
  readonly socketPath?: string
  /** Name expected in the server's certificate, where it is not the one in `server`. */
  readonly servername?: string
  /** PEM. */
  readonly ca: string
  readonly cert?: string
  readonly key?: string
  /** For each request, from sending to the last byte of the answer; connecting included. */
  readonly timeoutMs?: number
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>
type PatchType = 'merge' | 'strategic' | 'apply' | 'json'

interface RequestOptions {
  readonly query?: Query | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  readonly contentType?: string
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}
interface RawAnswer {
  readonly status: number
  readonly text: string
  /** From sending to the last byte. */
  readonly tookMs: number
}
interface KubeList<T> {
  readonly items: T[]
  readonly resourceVersion: string
}
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: T
}
interface WatchOptions {
  /** Called when the API server accepted the watch, before its first event. */
  readonly onOpen?: () => void
}

/**
 * `path` is absolute, e.g. `/api/v1/nodes/cp-1`. Every method but `raw` throws KubeApiError for an
 * error status, and all throw KubeNetworkError when no answer came.
 */
export interface KubeClient extends AsyncDisposable {
  readonly server: string
  get<T>(path: string, query?: Query): Promise<T>
  list<T>(path: string, query?: Query): Promise<KubeList<T>>
  create<T>(path: string, body: T, query?: Query): Promise<T>
  update<T>(path: string, body: T, query?: Query): Promise<T>
  /** Type `apply` needs `fieldManager` in the query. */
  patch<T>(path: string, body: unknown, type: PatchType, query?: Query): Promise<T>
  /** `body`: DeleteOptions. Answers the object, or a Status when it is gone at once. */
  delete<T>(path: string, body?: unknown): Promise<T>
  /** The answer as it came, whatever its status. */
  raw(method: string, path: string, options?: RequestOptions): Promise<RawAnswer>
  /**
   * Bookmarks are on. Ends when the server ends it or `signal` aborts; throws KubeApiError 410 when
   * `resourceVersion` is too old, KubeNetworkError when the connection broke or went silent.
   */
  watch<T>(
    path: string,
    query: Query,
    signal: AbortSignal,
    options?: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>
  close(): Promise<void>
}

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
  json: 'application/json-patch+json',
}

export function createKubeClient(options: KubeClientOptions): KubeClient {
  const defaultTimeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS
  const requests = openPool(options, POOL_CONNECTIONS, defaultTimeoutMs)
  const watches = openPool(options, null, defaultTimeoutMs)

  async function raw(
    method: string,
    path: string,
    request: RequestOptions = {},
  ): Promise<RawAnswer> {
    const deadline = startDeadline(request.timeoutMs ?? defaultTimeoutMs, request.signal)
    const sentAt = performance.now()
    try {
      const answer = await requests.request(toDispatch(method, path, request, deadline.signal))
      const text = await answer.body.text()
      return { status: answer.statusCode, text, tookMs: performance.now() - sentAt }
    } catch (error) {
      throw asNetworkError(error, `${method} ${path}`)
    } finally {
      deadline.clear()
    }
  }

  async function json<T>(method: string, path: string, request: RequestOptions): Promise<T> {
    const { status, text } = await raw(method, path, request)
    if (status >= 400) throw asApiError(status, text, `${method} ${path}`)
    try {
      return JSON.parse(text) as T
    } catch (cause) {
      throw new KubeNetworkError('http', `${method} ${path}`, cause)
    }
  }

  async function* watch<T>(
    path: string,
    query: Query,
    signal: AbortSignal,
    watchOptions: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    const seconds = Number(query['timeoutSeconds'] ?? WATCH_SECONDS)
    const full = { ...query, watch: true, allowWatchBookmarks: true, timeoutSeconds: seconds }
    const opening = startDeadline(defaultTimeoutMs, signal)
    const ending = startDeadline(seconds * 1_000 + defaultTimeoutMs, opening.signal)
    try {
      const answer = await watches.request(toDispatch('GET', path, { query: full }, ending.signal))
      if (answer.statusCode >= 400) {
        throw asApiError(answer.statusCode, await answer.body.text(), `WATCH ${path}`)
      }
      opening.clearTimer()
      watchOptions.onOpen?.()
      for await (const line of jsonLines(answer.body)) {
        const event = line as { type: string; object: unknown }
        if (event.type === 'ERROR') throw statusError(event.object, `WATCH ${path}`)
        yield event as WatchEvent<T>
      }
    } catch (error) {
      if (signal.aborted) return
      throw asNetworkError(error, `WATCH ${path}`)
    } finally {
      ending.clear()
      opening.clear()
    }
  }

  async function close(): Promise<void> {
    await Promise.all([requests.destroy(), watches.destroy()])
  }

  return {
    server: options.server,
    get: (path, query) => json('GET', path, { query }),
    async list<T>(path: string, query?: Query): Promise<KubeList<T>> {
      const list = await json<{ items: T[] | null; metadata: { resourceVersion: string } }>(
        'GET',
        path,
        { query },
      )
      return { items: list.items ?? [], resourceVersion: list.metadata.resourceVersion }
    },
    create: (path, body, query) => json('POST', path, { body, query }),
    update: (path, body, query) => json('PUT', path, { body, query }),
    patch: (path, body, type, query) =>
      json('PATCH', path, { body, query, contentType: PATCH_TYPES[type] }),
    delete: (path, body) => json('DELETE', path, { body }),
    raw,
    watch,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function openPool(options: KubeClientOptions, connections: number | null, timeoutMs: number): Pool {
  const { ca, cert, key, servername, socketPath } = options
  return new Pool(options.server, {
    connections,
    // HTTP/2 would put every request on one connection, and all of them to wait behind a hung one.
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Deadlines of our own are exact and cover the whole request.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      ca,
      allowH2: false,
      timeout: timeoutMs,
      ...(cert && { cert }),
      ...(key && { key }),
      ...(servername && { servername }),
      ...(socketPath && { socketPath }),
    },
  })
}

function toDispatch(
  method: string,
  path: string,
  request: RequestOptions,
  signal: AbortSignal,
): Dispatcher.RequestOptions {
  return {
    method,
    path: path + queryString(request.query ?? {}),
    signal,
    headers: {
      accept: 'application/json',
      'user-agent': 'halab',
      ...(request.body !== undefined && {
        'content-type': request.contentType ?? 'application/json',
      }),
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
  }
}

function queryString(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  if (given.length === 0) return ''
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`
}

/** A signal that aborts with a TimeoutError after `ms`, or with its parent; `clear` lets go of both. */
function startDeadline(ms: number, parent?: AbortSignal) {
  const controller = new AbortController()
  const follow = () => controller.abort(parent?.reason)
  if (parent?.aborted) follow()
  parent?.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'))
  }, ms)
  const clearTimer = () => clearTimeout(timer)
  return {
    signal: controller.signal,
    clearTimer,
    clear() {
      clearTimer()
      parent?.removeEventListener('abort', follow)
    },
  }
}

function asNetworkError(error: unknown, request: string): KubeNetworkError | KubeApiError {
  if (error instanceof KubeApiError || error instanceof KubeNetworkError) return error
  return new KubeNetworkError(failureReason(error), request, error)
}

function asApiError(status: number, text: string, request: string): KubeApiError {
  try {
    return statusError(JSON.parse(text), request, status)
  } catch {
    return new KubeApiError(status, '', `${request}: ${status} ${text.slice(0, 200)}`)
  }
}

function statusError(body: unknown, request: string, status = 500): KubeApiError {
  const { code, reason, message } = body as { code?: number; reason?: string; message?: string }
  return new KubeApiError(code ?? status, reason ?? '', `${request}: ${message ?? 'failed'}`)
}
