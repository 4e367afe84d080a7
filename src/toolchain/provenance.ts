/** The cache's own lock: where each program came from and what was verified about it. */
import { readFile, rename, writeFile } from 'node:fs/promises'

export interface Provenance {
  readonly from: 'path' | 'download' | 'build'
  readonly version: string
  /** URL, path or Go package. */
  readonly source: string
  /** Of the file that was downloaded (for etcd the archive); null where nothing was. */
  readonly sha256: string | null
  readonly at: string
}

export async function readProvenance(file: string): Promise<Record<string, Provenance>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, Provenance>
  } catch {
    return {}
  }
}

/** Call under the toolchain's lock. */
export async function recordProvenance(
  file: string,
  binary: string,
  entry: Omit<Provenance, 'at'>,
): Promise<void> {
  const all = {
    ...(await readProvenance(file)),
    [binary]: { ...entry, at: new Date().toISOString() },
  }
  await writeFile(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`)
  await rename(`${file}.new`, file)
}
