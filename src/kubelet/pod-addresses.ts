import { HalabError } from '../errors.ts'

export interface PodAddresses {
  /** A free address; throws `no-pod-address` when all are in use. */
  take(): string
  release(address: string): void
}

/**
 * Addresses of a node's /24, from .2 up (the first is the bridge's). Goes round, as CNI's host-local
 * does: an address that was just released is not the next one given.
 */
export function podAddresses(podCidr: string): PodAddresses {
  const match = /^(\d+\.\d+\.\d+)\.0\/24$/.exec(podCidr)
  if (!match)
    throw new HalabError('bad-pod-cidr', `a node's Pod range must be a /24, not ${podCidr}`)
  const prefix = match[1] ?? ''
  const used = new Set<number>()
  let next = FIRST
  return {
    take() {
      for (let tried = FIRST; tried <= LAST; tried++) {
        const host = next
        next = next === LAST ? FIRST : next + 1
        if (used.has(host)) continue
        used.add(host)
        return `${prefix}.${host}`
      }
      throw new HalabError('no-pod-address', `all addresses of ${podCidr} are in use`)
    },
    release(address) {
      used.delete(Number(address.slice(prefix.length + 1)))
    },
  }
}
const FIRST = 2
const LAST = 254
