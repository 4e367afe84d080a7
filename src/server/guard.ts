/**
 * Who may come in: one function for requests and upgrades, deny by default. Cookies alone do not
 * tell a page of ours from a page of somebody else (cross-site WebSocket hijacking), nor does the
 * peer's address (any page that the learner visits connects from 127.0.0.1), nor does the name in
 * the address bar (DNS rebinding); so Host, Origin and Sec-Fetch-Site are all looked at.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { HalabError } from '../errors.ts'

export interface Visit {
  readonly kind: 'request' | 'upgrade'
  readonly method: string
  /** `open`: lessons, which are public. `api`: everything else. */
  readonly area: 'open' | 'api'
  readonly headers: IncomingHttpHeaders
}

export interface Address {
  /** Exactly as in the Host header: `127.0.0.1:4321`. */
  readonly host: string
  /** Exactly as in the Origin header: `http://127.0.0.1:4321`. */
  readonly origin: string
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Throws `bad-host`, `bad-origin`, `cross-site` or `bad-content-type`; the session is the caller's next question. */
export function guard(visit: Visit, addresses: readonly Address[]): void {
  const { kind, method, area, headers } = visit
  const here = addresses.find(({ host }) => host === headers.host)
  if (!here) {
    throw new HalabError('bad-host', 'This server does not answer under that name', {
      hint: `Use ${addresses[0]?.origin ?? 'the printed address'}.`,
    })
  }
  const changes = kind === 'upgrade' || !SAFE_METHODS.has(method)
  const { origin } = headers
  if (origin === undefined ? changes : origin !== here.origin) {
    throw new HalabError('bad-origin', 'Only pages of this server may do that')
  }
  if (area === 'api') checkFetchSite(headers['sec-fetch-site'], changes)
  if (kind === 'request' && changes) checkContentType(headers['content-type'])
}

/** `none` is an address typed by hand: fine for reading, never how a page changes something. */
function checkFetchSite(site: string | string[] | undefined, changes: boolean): void {
  if (site === undefined || site === 'same-origin' || (site === 'none' && !changes)) return
  throw new HalabError('cross-site', 'Only pages of this server may ask for that')
}

/** JSON is what a plain HTML form of another site cannot send. */
function checkContentType(type: string | undefined): void {
  const essence = type?.split(';')[0]?.trim().toLowerCase()
  if (essence === 'application/json') return
  throw new HalabError('bad-content-type', 'The body must be application/json')
}
