/** Under which names the server may be asked for, and where it may listen. */
import { HalabError } from '../errors.ts'
import type { Address } from './guard.ts'

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

export interface Exposure {
  /** Interfaces to listen on; the first must succeed, the rest may be missing on this machine. */
  readonly hosts: readonly string[]
  readonly addresses: (port: number) => readonly Address[]
  readonly secure: boolean
}

/**
 * Throws `insecure-host` for an address that others can reach unless `publicOrigin` names the https
 * address of the proxy in front.
 */
export function exposure(host: string | undefined, publicOrigin: string | undefined): Exposure {
  if (publicOrigin !== undefined) {
    const url = URL.parse(publicOrigin)
    if (url?.protocol !== 'https:' || url.origin !== publicOrigin) {
      throw new HalabError('bad-origin-setting', `${publicOrigin} is not an https origin`, {
        hint: 'Give it as https://course.example.org, without a path.',
      })
    }
    const address = { host: url.host, origin: url.origin }
    return { hosts: [host ?? '127.0.0.1'], addresses: () => [address], secure: true }
  }
  if (host !== undefined && !LOOPBACK.has(host)) {
    throw new HalabError('insecure-host', `${host} can be reached by others, and there is no TLS`, {
      hint: 'Leave out --host, or put a proxy with TLS in front and set HALAB_PUBLIC_ORIGIN to its https address.',
    })
  }
  const hosts = host === undefined || host === 'localhost' ? ['127.0.0.1', '::1'] : [host]
  const names = [...hosts.map((each) => (each.includes(':') ? `[${each}]` : each)), 'localhost']
  return {
    hosts,
    addresses: (port) =>
      names.map((name) => {
        // Clients leave the default port out.
        const authority = port === 80 ? name : `${name}:${port}`
        return { host: authority, origin: `http://${authority}` }
      }),
    secure: false,
  }
}
