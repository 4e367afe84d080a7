/**
 * Ways between the agent and a node's network. A relay runs in the node's network namespace, so that
 * its traffic really crosses the node's link, but not in its pid namespace, so that the node's root
 * can neither see nor kill it.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HalabError } from '../../errors.ts'
import { nsenter } from './command.ts'
import { childrenOf, trySignal } from './proc.ts'

export interface Relays {
  /** Path of a Unix socket that leads to host:port as seen from the node. */
  to(target: { host: string; port: number }): Promise<string>
  /** Connections to a port of the node lead to a Unix socket of the agent. */
  from(port: number, socketPath: string): Promise<void>
  signalAll(signal: 'SIGSTOP' | 'SIGCONT'): void
  end(): Promise<void>
}

/** Connections a relay holds at once, and seconds until it gives up on one that nobody answers. */
const MAX_CHILDREN = 64
const CONNECT_TIMEOUT_SECONDS = 2

export function createRelays(pid: number, folder: string): Relays {
  const sockets = new Map<string, Promise<string>>()
  const children: ChildProcess[] = []

  const start = (args: readonly string[]): ChildProcess => {
    const child = spawn('nsenter', [...nsenter.network(pid), 'socat', ...args], {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '' },
      // A group of its own: connections are children of the listener, and end with it.
      detached: true,
    })
    child.on('error', () => undefined)
    children.push(child)
    return child
  }

  return {
    to({ host, port }) {
      const key = `${host}:${port}`
      const known = sockets.get(key)
      if (known) return known
      const path = join(folder, `${host}_${port}.sock`)
      const opening = (async () => {
        await mkdir(folder, { recursive: true })
        const child = start([
          `UNIX-LISTEN:${path},fork,unlink-early,max-children=${MAX_CHILDREN},backlog=64`,
          `TCP:${host}:${port},connect-timeout=${CONNECT_TIMEOUT_SECONDS},nodelay`,
        ])
        await appears(path, folder, child)
        return path
      })()
      sockets.set(key, opening)
      opening.catch(() => sockets.delete(key))
      return opening
    },
    async from(port, socketPath) {
      start([
        `TCP-LISTEN:${port},fork,reuseaddr,max-children=${MAX_CHILDREN},backlog=64,nodelay`,
        `UNIX-CONNECT:${socketPath}`,
      ])
    },
    signalAll(signal) {
      for (const child of children) {
        for (const member of [child.pid ?? 0, ...childrenOf(child.pid ?? 0)])
          trySignal(member, signal)
      }
    },
    async end() {
      await Promise.all(
        children.map(
          (child) =>
            new Promise<void>((resolve) => {
              if (child.exitCode !== null || child.signalCode !== null) return resolve()
              child.once('exit', () => resolve())
              if (!signalGroup(child)) resolve()
            }),
        ),
      )
    },
  }
}

function signalGroup(child: ChildProcess): boolean {
  try {
    return process.kill(-(child.pid ?? 0), 'SIGKILL')
  } catch {
    return false
  }
}

/** Resolves when the listener has made its socket: seen by inotify, not by waiting a while. */
function appears(path: string, folder: string, child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(folder, look)
    const done = (settle: () => void) => {
      watcher.close()
      child.off('exit', ended)
      settle()
    }
    const ended = () =>
      done(() =>
        reject(new HalabError('relay-failed', 'the node has no power, or its network is gone')),
      )
    function look() {
      if (existsSync(path)) done(resolve)
    }
    child.once('exit', ended)
    look()
  })
}
