/** Where the cache keeps what is made once and read by every lab. */
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { goldenKey } from '../cluster/golden-key.ts'
import { cacheDir, checkoutDir } from '../paths.ts'

export const goldenDir = () => join(cacheDir(), 'golden')
export const goldenPath = () => join(goldenDir(), `${goldenKey()}.db`)

export const compiledRoot = () => join(cacheDir(), 'compiled')
/** One folder for each state of the sources. Node checks every entry by content: a wrong key costs time, nothing else. */
export async function compiledDir(): Promise<string> {
  sources ??= sourceKey()
  return join(compiledRoot(), await sources)
}
let sources: Promise<string> | undefined

async function sourceKey(): Promise<string> {
  const files = await readdir(join(checkoutDir, 'src'), { recursive: true })
  const relevant = files.filter(
    (file) => file.endsWith('.ts') && !/^(site|server|cli)\//.test(file),
  )
  const stamps = await Promise.all(
    [...relevant.map((file) => join('src', file)), 'package-lock.json'].sort().map(async (file) => {
      const { mtimeMs, size } = await stat(join(checkoutDir, file))
      return `${file} ${size} ${mtimeMs}`
    }),
  )
  return createHash('sha256')
    .update([process.version, ...stamps].join('\n'))
    .digest('hex')
    .slice(0, 16)
}
