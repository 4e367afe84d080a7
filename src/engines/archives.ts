/** Run archives: kept for a while after a lab's end, then removed by whoever starts the next. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const KEEP_MS = 30 * 24 * 3600 * 1000

export async function expireArchives(runs: string): Promise<void> {
  const names = await readdir(runs)
  await Promise.all(
    names.map(async (name) => {
      const { mtimeMs } = await stat(join(runs, name)).catch(() => ({ mtimeMs: Date.now() }))
      if (Date.now() - mtimeMs > KEEP_MS)
        await rm(join(runs, name), { recursive: true, force: true })
    }),
  )
}
