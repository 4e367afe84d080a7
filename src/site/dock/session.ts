/**
 * The printed link carries a one-time token in its fragment, which no server log ever sees. It is
 * exchanged for a cookie and taken out of the history at once.
 */
import { type HalabError, isHalabError } from '../../errors.ts'
import { get, post } from './api.ts'
import type { SessionState } from './store.ts'

export async function openSession(): Promise<SessionState> {
  const token = tokenFromFragment()
  try {
    await (token === null ? get('/session') : post('/session', { token }))
    return 'open'
  } catch (error) {
    return isHalabError(error) && isUnserved(error) ? 'absent' : 'none'
  }
}

function isUnserved(error: HalabError): boolean {
  return error.code === 'no-api' || error.code === 'no-server'
}

function tokenFromFragment(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search)
  return token
}
