import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { HalabError } from '../errors.ts'
import { noteFallback } from './from-download.ts'
import { findGo, goBuild } from './go-build.ts'
import { runStep } from './progress.ts'
import type { Acquisition } from './resolve.ts'
import { binaryNames, upstreamOf } from './versions.ts'

/**
 * Builds the programs one after another: Go uses every core for each. `why` says what kept them from
 * being downloaded. A finished one is in its place before the next begins.
 */
export async function buildFromSource(
  wanted: readonly string[],
  why: readonly string[],
  acquisition: Acquisition,
): Promise<void> {
  const { upstreams, arch, places, onProgress, signal, modules, adopt } = acquisition
  const go = await findGo()
  if (typeof go === 'string') throw unavailable(wanted, [...why, go])
  noteFallback(why, `building with ${go.version} instead`, acquisition)
  for (const binary of wanted) {
    const upstream = upstreamOf(binary, upstreams)
    const output = join(places.building, binary)
    await runStep(`building ${binary}`, onProgress, async (say) => {
      await rm(output, { force: true })
      await goBuild(go, {
        upstream,
        binary,
        arch,
        output,
        temporary: join(places.building, 'go-tmp'),
        signal,
        say,
        ...(modules && { modules }),
      })
    })
    await adopt(binary, output, {
      from: 'build',
      source: `${upstream.binaries[binary]}@v${upstream.version} by ${go.version}`,
      sha256: null,
    })
  }
}

function unavailable(wanted: readonly string[], reasons: readonly string[]): HalabError {
  const names = wanted.length === binaryNames.length ? 'The programs' : wanted.join(', ')
  return new HalabError(
    'toolchain-unavailable',
    `${names} can be neither found, downloaded nor built: ${reasons.join('; ')}`,
    {
      hint: 'Connect this machine to the internet, or install Go (https://go.dev/dl) so that halab can build them, then run the same command again.',
    },
  )
}
