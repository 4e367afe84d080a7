import { progressPrinter, resolveToolchain } from '../../toolchain/index.ts'
import { EXIT } from '../exit.ts'
import { type Io, print, printJson } from '../io.ts'
import { table } from '../table.ts'

/** `build`: take only what was built from source, and build the rest. */
export async function toolchain(build: boolean, io: Io, signal: AbortSignal): Promise<number> {
  const onProgress = progressPrinter(io.stderr)
  const binaries = await resolveToolchain({ build, onProgress, signal })
  if (io.json) printJson(io, { binaries })
  else
    print(io, table(binaries.map(({ name, version, from, path }) => [name, version, from, path])))
  return EXIT.done
}
