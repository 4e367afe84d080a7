/** Opens the sockets: the wanted port on every loopback address, else the next port that is free on all. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HalabError } from '../errors.ts'
import { SERVER_LIMITS } from './limits.ts'

export type Servers = readonly [Server, ...Server[]]

/** Port 0: any. Throws `port-in-use` after `portTries`, and what the system says about the first host. */
export async function listen(
  hosts: readonly string[],
  wanted: number,
): Promise<{ readonly servers: Servers; readonly port: number }> {
  for (let attempt = 0; attempt < SERVER_LIMITS.portTries; attempt += 1) {
    const opened = await tryPort(hosts, wanted === 0 ? 0 : wanted + attempt)
    if (opened) return opened
  }
  throw new HalabError(
    'port-in-use',
    `Ports ${wanted} to ${wanted + SERVER_LIMITS.portTries - 1} are all in use`,
    { hint: 'Choose another with --port.' },
  )
}

async function tryPort(hosts: readonly string[], wanted: number) {
  const servers: Server[] = []
  let port = wanted
  for (const host of hosts) {
    const server = createServer()
    try {
      await listening(server, host, port)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // A machine without IPv6 is served by the first address alone.
      if (servers.length > 0 && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue
      for (const opened of servers) opened.close()
      if (code === 'EADDRINUSE') return null
      throw refused(host, port, error)
    }
    port = (server.address() as AddressInfo).port
    servers.push(server)
  }
  return { servers: servers as unknown as Servers, port }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function refused(host: string, port: number, cause: unknown): HalabError {
  const { code, message } = cause as NodeJS.ErrnoException
  const hint =
    code === 'EACCES' ? 'Ports below 1024 need rights: choose another with --port.' : undefined
  return new HalabError('cannot-listen', `Cannot listen on ${host} port ${port}: ${message}`, {
    ...(hint !== undefined && { hint }),
    cause,
  })
}
