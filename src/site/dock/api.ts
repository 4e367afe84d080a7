/** The server's HTTP API as the page uses it; every failure is a HalabError with the server's words. */
import { HalabError, type ErrorBody } from '../../errors.ts'

export async function get<T>(path: string): Promise<T> {
  return answer<T>(await request(path, { method: 'GET' }))
}

/** For answers of one JSON value a line. */
export async function getLines<T>(path: string): Promise<T[]> {
  const response = await request(path, { method: 'GET' })
  if (!response.ok) return answer<T[]>(response)
  const lines = (await response.text()).split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as T)
}

export async function post<T>(path: string, body: object = {}): Promise<T> {
  return answer<T>(
    await request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-halab-client': 'page' },
      body: JSON.stringify(body),
    }),
  )
}

export async function put(path: string, body: object): Promise<void> {
  const response = await request(path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-halab-client': 'page' },
    body: JSON.stringify(body),
  })
  if (!response.ok) await answer(response)
}

/** Address of a WebSocket of this origin. */
export function socketUrl(path: string): string {
  const url = new URL(path, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`/api${path}`, { ...init, credentials: 'same-origin' })
  } catch (cause) {
    throw new HalabError('no-server', 'The halab server does not answer', {
      hint: 'Is it still running? Start it again with “npm start”; labs go on without it.',
      cause,
    })
  }
}

async function answer<T>(response: Response): Promise<T> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  if (!isJson) throw new HalabError('no-api', `No halab server here (status ${response.status})`)
  const body: unknown = await response.json()
  if (response.ok) return body as T
  const error = (body as { error?: ErrorBody }).error
  throw new HalabError(error?.code ?? `http-${response.status}`, error?.message ?? 'Refused', {
    hint: error?.hint,
  })
}
