import { fine, wrong, type Finding } from './finding.ts'
import { gigabytes } from './go-build.ts'
import { BINARIES_BYTES, COLD_BUILD_BYTES } from './limits.ts'
import type { Machine } from './machine.ts'
import { binaryNames } from './versions.ts'

/** The programs are there, or there is a way to get them. */
export async function checkBinaries(machine: Machine): Promise<Finding> {
  const missing = await machine.missingBinaries()
  if (missing.length === 0) return fine(`All ${binaryNames.length} programs are in the cache`)
  const what = `${missing.length} of ${binaryNames.length} programs are still to be had`
  const offline = await machine.downloadProblem()
  const now = './halab toolchain gets them now; otherwise the first lab does.'
  if (offline === null) return fine(`${what}, by download`, now)
  const go = await machine.go()
  if (typeof go !== 'string')
    return fine(`${what}, by building with ${go.version} (${offline})`, now)
  return wrong(
    `${what}, but ${offline} and ${go}`,
    'Connect this machine to the internet, or install Go (https://go.dev/dl).',
  )
}

/** Room for the programs, or for building them. Never a surprise in the middle of a build. */
export async function checkDisk(machine: Machine): Promise<Finding> {
  const building =
    (await machine.missingBinaries()).length > 0 && (await machine.downloadProblem()) !== null
  const go = building ? await machine.go() : null
  const needed = building ? COLD_BUILD_BYTES : BINARIES_BYTES
  const folders =
    go && typeof go !== 'string' ? [machine.cache, go.buildCache, go.moduleCache] : [machine.cache]
  const free = await Promise.all(folders.map((folder) => machine.freeBytes(folder)))
  const least = Math.min(...free)
  if (least >= needed) return fine(`${gigabytes(least)} of disk are free`)
  return wrong(
    `Only ${gigabytes(least)} are free for ${folders[free.indexOf(least)]}; ${building ? 'building the programs' : 'halab'} needs ${gigabytes(needed)}`,
    building
      ? 'Free some space, point HALAB_CACHE, GOCACHE and GOMODCACHE at a larger disk, or connect to the internet: downloading needs far less.'
      : 'Free some space, or point HALAB_CACHE at a larger disk.',
  )
}
