/** Where halab keeps things outside the checkout. All folders are made 0700 by who writes first. */
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const isRoot = () => process.getuid?.() === 0

/** Binaries and golden snapshots: worth keeping, may be deleted at any time. */
export function cacheDir(env = process.env): string {
  if (env['HALAB_CACHE']) return env['HALAB_CACHE']
  return isRoot()
    ? '/var/cache/halab'
    : join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'halab')
}

/** Progress and run archives: the learner's own, must not be lost. */
export function stateDir(env = process.env): string {
  if (env['HALAB_STATE']) return env['HALAB_STATE']
  return isRoot()
    ? '/var/lib/halab'
    : join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'halab')
}

/**
 * Sockets of running labs, one folder each. `HALAB_RUNTIME` sets it apart for tests, so that they
 * never see (or end) a user's labs. Kept short: a Unix socket's path has room for 107 bytes.
 */
export function runtimeDir(env = process.env): string {
  if (env['HALAB_RUNTIME']) return env['HALAB_RUNTIME']
  if (isRoot()) return '/run/halab'
  return env['XDG_RUNTIME_DIR']
    ? join(env['XDG_RUNTIME_DIR'], 'halab')
    : `/tmp/halab-${userInfo().uid}`
}

/** The checkout this program runs from. */
export const checkoutDir = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
