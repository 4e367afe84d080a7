import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HalabError, errorBody } from '../errors.ts'
import { diskFull, downloadVerified, isUnreachable } from './download.ts'
import { note, runStep } from './progress.ts'
import { assetOf, expectedSha256, type Asset } from './publisher.ts'
import type { Acquisition } from './resolve.ts'
import type { Upstream } from './versions.ts'

const run = promisify(execFile)

/**
 * Downloads what can be had. A publisher that cannot be reached is asked once, not once a program,
 * and all of them at the same time. Returns why, in words, for each that could not be reached;
 * throws when something was had but is wrong.
 */
export async function downloadFromPublishers(
  wanted: readonly string[],
  acquisition: Acquisition,
): Promise<readonly string[]> {
  const projects = acquisition.upstreams
    .map((upstream) => ({ upstream, files: filesOf(upstream, wanted, acquisition) }))
    .filter(({ files }) => files.length > 0)
  const firstSums = await Promise.allSettled(
    projects.map(({ files }) => expectedSha256(files[0]!.asset, acquisition.signal)),
  )
  const reasons: string[] = []
  for (const [i, { files }] of projects.entries()) {
    const sum = firstSums[i]!
    try {
      if (sum.status === 'rejected') throw sum.reason
      await downloadFiles(files, acquisition)
    } catch (error) {
      acquisition.signal?.throwIfAborted()
      if (!isUnreachable(error)) throw error
      reasons.push(errorBody(error).message)
    }
  }
  return reasons
}

/** One file to download, and the programs it brings. */
interface Wanted {
  readonly asset: Asset
  readonly binaries: readonly { readonly name: string; readonly member: string | null }[]
}

function filesOf(
  upstream: Upstream,
  wanted: readonly string[],
  { arch }: Acquisition,
): readonly Wanted[] {
  const files = new Map<string, Wanted>()
  for (const name of wanted.filter((each) => each in upstream.binaries)) {
    const asset = assetOf(upstream, name, arch)
    const binaries = [...(files.get(asset.url)?.binaries ?? []), { name, member: asset.member }]
    files.set(asset.url, { asset, binaries })
  }
  return [...files.values()]
}

async function downloadFiles(
  files: readonly Wanted[],
  { places, onProgress, signal, adopt }: Acquisition,
): Promise<void> {
  for (const { asset, binaries } of files) {
    const part = join(places.downloads, `${asset.fileName}.part`)
    await runStep(`downloading ${asset.fileName}`, onProgress, async (say) => {
      const sha256 = await expectedSha256(asset, signal)
      await downloadVerified(asset.url, part, sha256, {
        signal,
        onBytes: (have, of) => say(megabytes(have, of)),
      })
      for (const { name, member } of binaries) {
        const file = member ? await extract(part, member, places.building) : part
        await adopt(name, file, { from: 'download', source: asset.url, sha256 })
      }
    })
    await rm(part, { force: true })
  }
}

/** One file of a tar archive, written into `folder` under its own last name. */
async function extract(archive: string, member: string, folder: string): Promise<string> {
  const depth = member.split('/').length - 1
  const file = join(folder, member.slice(member.lastIndexOf('/') + 1))
  try {
    await run('tar', ['-xzf', archive, '-C', folder, `--strip-components=${depth}`, member])
  } catch (error) {
    const full = String(error).includes('No space left') && { code: 'ENOSPC' }
    throw (
      diskFull(Object.assign(new Error(), full), file) ??
      new HalabError('archive-broken', `${member} cannot be unpacked from ${archive}`, {
        cause: error,
      })
    )
  }
  return file
}

function megabytes(have: number, of: number | null): string {
  const mb = (bytes: number): number => Math.round(bytes / 1e6)
  return of === null ? `${mb(have)} MB` : `${mb(have)} of ${mb(of)} MB`
}

/** Said before falling back, so that nobody wonders why a compiler runs. */
export function noteFallback(
  reasons: readonly string[],
  instead: string,
  { onProgress }: Acquisition,
): void {
  if (reasons.length > 0) note(onProgress, `${[...new Set(reasons)].join('; ')}: ${instead}.`)
}
