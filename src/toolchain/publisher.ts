/** Programs as their publishers offer them: which file, and which checksum it has to have. */
import { HalabError } from '../errors.ts'
import { fetchText } from './download.ts'
import { fill, type Arch, type Upstream } from './versions.ts'

export interface Asset {
  readonly url: string
  readonly checksumsUrl: string
  /** Last part of the URL, by which checksum files and pins name it. */
  readonly fileName: string
  /** Path of the program inside, where the file is an archive. */
  readonly member: string | null
  readonly pin: string | null
}

export function assetOf(
  upstream: Upstream,
  binary: string,
  arch: Arch,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Asset {
  const { base, mirrorVariable, file, checksums, member } = upstream.download
  const root = (env[mirrorVariable] || base).replace(/\/+$/, '')
  const path = fill(file, upstream, arch, binary)
  const fileName = path.slice(path.lastIndexOf('/') + 1)
  return {
    url: `${root}/${path}`,
    checksumsUrl: `${root}/${fill(checksums, upstream, arch, binary)}`,
    fileName,
    member: member ? fill(member, upstream, arch, binary) : null,
    pin: upstream.pins[arch][fileName] ?? null,
  }
}

/**
 * What the file has to hash to: the pin where there is one, else what the publisher says over TLS.
 * Throws `download-unreachable`, also when the answer names no checksum of it: that is the page of a
 * proxy or of a hotel's network, not the publisher's.
 */
export async function expectedSha256(asset: Asset, signal?: AbortSignal): Promise<string> {
  if (asset.pin) return asset.pin
  const sha256 = parseChecksum(await fetchText(asset.checksumsUrl, signal), asset.fileName)
  if (sha256) return sha256
  throw new HalabError(
    'download-unreachable',
    `${asset.checksumsUrl} holds no sha256 of ${asset.fileName}`,
  )
}

/** Reads both kinds of checksum file: the bare sum of one file, and lines of `<sum>  <name>`. */
export function parseChecksum(text: string, fileName: string): string | null {
  const bare = /^\s*([0-9a-f]{64})\s*$/i.exec(text)?.[1]
  if (bare) return bare.toLowerCase()
  for (const line of text.split('\n')) {
    const [, sum, name] = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line) ?? []
    if (sum && name === fileName) return sum.toLowerCase()
  }
  return null
}
