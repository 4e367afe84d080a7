/** Where the programs lie once they are there: one folder per set of versions, whole files only. */
import { constants } from 'node:fs'
import { access, chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDir } from '../paths.ts'
import { thisArch, upstreams, type Upstream } from './versions.ts'

/** The parts of the cache that belong to the toolchain. */
export interface ToolchainPlaces {
  /** Nothing but finished programs, 0755: labs mount this folder read-only. */
  readonly bin: string
  /** `.part` files, kept so that an interrupted download goes on where it stopped. */
  readonly downloads: string
  /** What Go writes before it is finished. */
  readonly building: string
  readonly lock: string
  /** Where each program came from, with the checksum that was verified. */
  readonly provenance: string
}

export function toolchainPlaces(
  cache: string = cacheDir(),
  from: readonly Upstream[] = upstreams,
): ToolchainPlaces {
  const key = [...from.map((each) => `${each.name}-${each.version}`), thisArch()].join('-')
  return {
    bin: join(cache, 'bin', key),
    downloads: join(cache, 'downloads', key),
    building: join(cache, 'building', key),
    lock: join(cache, 'toolchain.lock'),
    provenance: join(cache, 'bin', `${key}.json`),
  }
}

/** The folder that holds all programs of this version of halab after `resolveToolchain`. */
export function binDir(): string {
  return toolchainPlaces().bin
}

/** The cache may be closed to others; the folder that is mounted into labs may not. */
export async function makePlaces(places: ToolchainPlaces, cache: string): Promise<void> {
  await mkdir(cache, { recursive: true, mode: 0o700 })
  for (const folder of [places.bin, places.downloads, places.building])
    await mkdir(folder, { recursive: true, mode: 0o755 })
  await chmod(places.bin, 0o755)
}

/** Only finished programs are ever renamed into `bin`, so being there means being whole. */
export async function isThere(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
