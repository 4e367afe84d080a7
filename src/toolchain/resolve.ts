/**
 * Makes sure that the programs are in the cache: there already → on the PATH in the right version →
 * downloaded from their publisher → built by Go.
 */
import { chmod, copyFile, rename, rm } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../paths.ts'
import { isThere, makePlaces, toolchainPlaces, type ToolchainPlaces } from './bin-dir.ts'
import { holdLock } from './flock.ts'
import { buildFromSource } from './from-build.ts'
import { downloadFromPublishers } from './from-download.ts'
import { onPath } from './program-version.ts'
import { note, type OnProgress } from './progress.ts'
import { readProvenance, recordProvenance, type Provenance } from './provenance.ts'
import { thisArch, upstreamOf, upstreams } from './versions.ts'
import type { Arch, BinaryName, Upstream } from './versions.ts'

export interface Binary {
  readonly name: string
  readonly version: string
  readonly path: string
  /** Where it came from this time; `cache` when nothing had to be done. */
  readonly from: 'cache' | Provenance['from']
}

export interface ResolveOptions {
  /** All eight unless told. */
  readonly need?: readonly BinaryName[]
  readonly onProgress?: OnProgress
  /** Take only programs that were built from source, and build those that were not. */
  readonly build?: boolean
  readonly signal?: AbortSignal | undefined
  /** For tests: other projects, another cache. */
  readonly upstreams?: readonly Upstream[]
  readonly cache?: string
  /** For tests: folder of the Go modules. */
  readonly modules?: string
}

/** What the ways of getting a program share. */
export interface Acquisition {
  readonly upstreams: readonly Upstream[]
  readonly arch: Arch
  readonly places: ToolchainPlaces
  readonly onProgress: OnProgress
  readonly signal: AbortSignal | undefined
  readonly modules: string | undefined
  /** A finished file becomes the program: executable, renamed into its place, its origin noted. */
  adopt(binary: string, file: string, origin: Omit<Provenance, 'at' | 'version'>): Promise<void>
}

/**
 * The programs' paths, all in `binDir()`. Two processes at once wait for each other; what was begun
 * before an interruption goes on. Throws `checksum-mismatch`, `toolchain-unavailable`,
 * `build-failed`, `disk-full`, and the signal's reason.
 */
export async function resolveToolchain(options: ResolveOptions = {}): Promise<readonly Binary[]> {
  const { build = false, signal, onProgress = () => {}, modules } = options
  const all = options.upstreams ?? upstreams
  const need: readonly string[] = options.need ?? all.flatMap((each) => Object.keys(each.binaries))
  const cache = options.cache ?? cacheDir()
  const places = toolchainPlaces(cache, all)
  const before = await missing(need, places, build)
  if (before.length === 0) return need.map((name) => result(name, all, places, 'cache'))

  await makePlaces(places, cache)
  await using _lock = await holdLock(places.lock, {
    ...(signal && { signal }),
    onWait: () => note(onProgress, 'Another halab is getting the programs; waiting for it.'),
  })
  const origins = new Map<string, Provenance['from']>()
  const acquisition: Acquisition = {
    upstreams: all,
    arch: thisArch(),
    places,
    onProgress,
    signal,
    modules,
    async adopt(binary, file, origin) {
      const { version } = upstreamOf(binary, all)
      await chmod(file, 0o755)
      await rename(file, join(places.bin, binary))
      await recordProvenance(places.provenance, binary, { ...origin, version })
      origins.set(binary, origin.from)
    },
  }
  let wanted = await missing(need, places, build)
  let why: readonly string[] = []
  if (!build) {
    wanted = await adoptFromPath(wanted, acquisition)
    if (wanted.length > 0) why = await downloadFromPublishers(wanted, acquisition)
    wanted = await missing(need, places, build)
  }
  if (wanted.length > 0) await buildFromSource(wanted, why, acquisition)
  return need.map((name) => result(name, all, places, origins.get(name) ?? 'cache'))
}

/** Programs not in the cache; with `build`, also those that were not built from source. */
async function missing(
  need: readonly string[],
  places: ToolchainPlaces,
  build: boolean,
): Promise<readonly string[]> {
  const there = await Promise.all(need.map((name) => isThere(join(places.bin, name))))
  const origins = build ? await readProvenance(places.provenance) : {}
  return need.filter((name, i) => !there[i] || (build && origins[name]?.from !== 'build'))
}

/** Copies what the machine has already; the user may replace theirs in place at any time. */
async function adoptFromPath(
  wanted: readonly string[],
  { upstreams: all, places, signal, adopt }: Acquisition,
): Promise<readonly string[]> {
  const left: string[] = []
  for (const binary of wanted) {
    signal?.throwIfAborted()
    const found = await onPath(binary, upstreamOf(binary, all).version)
    if (!found) {
      left.push(binary)
      continue
    }
    const copy = join(places.building, binary)
    await rm(copy, { force: true })
    await copyFile(found, copy, constants.COPYFILE_FICLONE)
    await adopt(binary, copy, { from: 'path', source: found, sha256: null })
  }
  return left
}

function result(
  name: string,
  all: readonly Upstream[],
  places: ToolchainPlaces,
  from: Binary['from'],
): Binary {
  return { name, version: upstreamOf(name, all).version, path: join(places.bin, name), from }
}
