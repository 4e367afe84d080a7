/** Who is logged in: opaque cookies, kept as digests so that a copy of the database opens nothing. */
import { randomUUID } from 'node:crypto'
import { HalabError } from '../errors.ts'
import { SERVER_LIMITS } from './limits.ts'
import { digest, matches, newSecret } from './secrets.ts'
import type { Store } from './store/database.ts'

interface Session {
  readonly id: string
}

export interface Sessions {
  /** The session of a request's Cookie header, or null. */
  find(cookieHeader: string | undefined): Session | null
  /** The secret for a cookie. A session that there was is kept, under the new secret only. */
  logIn(present: Session | null): { readonly session: Session; readonly secret: string }
  end(session: Session): void
}

interface Row {
  readonly id: string
  readonly expiresAt: number
}

/** `cookie` is the name that `sessionCookie` gives. Sessions outlive the server while the store can hold them. */
export function createSessions(
  store: Store,
  cookie: string,
  warn: (error: unknown) => void,
  now: () => number = Date.now,
): Sessions {
  /** By digest. What the store could not take is at least good for this server's life. */
  const known = new Map<string, Row>()
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      warn(error)
      return undefined
    }
  }
  const load = (key: string): Row | undefined =>
    attempt(() =>
      store.with((database) => {
        const row = database
          .prepare('SELECT id, expires_at FROM sessions WHERE secret_digest = ?')
          .get(key)
        return row && { id: String(row['id']), expiresAt: Date.parse(String(row['expires_at'])) }
      }),
    )
  const save = (key: string, { id, expiresAt }: Row) =>
    attempt(() =>
      store.with((database) => {
        const iso = (time: number) => new Date(time).toISOString()
        database.prepare('DELETE FROM sessions WHERE expires_at < ?').run(iso(now()))
        database
          .prepare(
            `INSERT INTO sessions (id, secret_digest, created_at, expires_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE
             SET secret_digest = excluded.secret_digest, expires_at = excluded.expires_at`,
          )
          .run(id, key, iso(now()), iso(expiresAt))
      }),
    )
  const forget = (id: string) => {
    for (const [key, row] of known) if (row.id === id) known.delete(key)
  }

  return {
    find(cookieHeader) {
      const secret = cookieValue(cookieHeader, cookie)
      if (!secret) return null
      const key = digest(secret)
      const row = known.get(key) ?? load(key)
      if (!row || row.expiresAt <= now()) return null
      known.set(key, row)
      return { id: row.id }
    },
    logIn(present) {
      const id = present?.id ?? randomUUID()
      const secret = newSecret(SERVER_LIMITS.sessionBytes)
      const row = { id, expiresAt: now() + SERVER_LIMITS.sessionDays * 86_400_000 }
      forget(id)
      known.set(digest(secret), row)
      save(digest(secret), row)
      return { session: { id }, secret }
    },
    end({ id }) {
      forget(id)
      attempt(() =>
        store.with((database) => database.prepare('DELETE FROM sessions WHERE id = ?').run(id)),
      )
    },
  }
}

export interface SessionCookie {
  readonly name: string
  set(secret: string): string
  clear(): string
}

/** Cookies know no ports, so without TLS the name tells servers on one machine apart. */
export function sessionCookie(port: number, secure: boolean): SessionCookie {
  const name = secure ? '__Host-halab' : `halab-${port}`
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
  const maxAge = SERVER_LIMITS.sessionDays * 86_400
  return {
    name,
    // Secrets are base64url: nothing in them needs quoting.
    set: (secret) => `${name}=${secret}; Max-Age=${maxAge}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  }
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  const pairs = header?.split(';').map((pair) => pair.trim()) ?? []
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** One at a time, good once: what the printed link carries. */
export interface LoginToken {
  readonly current: string
  /** Throws `bad-token`. A new token takes its place. */
  exchange(token: string): void
}

export function createLoginToken(replaced: (token: string) => void): LoginToken {
  let current = newSecret(SERVER_LIMITS.tokenBytes)
  return {
    get current() {
      return current
    },
    exchange(token) {
      if (!matches(token, digest(current))) {
        throw new HalabError('bad-token', 'This link was used already, or is of an earlier start', {
          hint: 'Open the newest link: `halab serve` prints it, and it stands in server.json in the state folder.',
        })
      }
      current = newSecret(SERVER_LIMITS.tokenBytes)
      replaced(current)
    },
  }
}
