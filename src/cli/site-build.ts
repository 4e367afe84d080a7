/** The lessons as static files in `dist/`, built when what they are made of has changed. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HalabError } from '../errors.ts'
import { checkoutDir } from '../paths.ts'
import { holdLock, note, runStep, type OnProgress } from '../toolchain/index.ts'

/** Everything that `astro build` reads of ours. */
const SOURCES = [
  'astro.config.mjs',
  'content',
  'labs',
  'package-lock.json',
  'src/errors.ts',
  'src/site',
  'src/terminal',
  'src/wire',
]
const ERROR_CHARS = 3000

/** Builds the site unless `dist/` belongs to the present sources. Throws `site-failed`. */
export async function ensureSite(
  options: { onProgress?: OnProgress; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { onProgress = () => {}, signal } = options
  const hash = await hashOf(SOURCES)
  if ((await builtHash()) === hash) return
  await using _lock = await holdLock(join(checkoutDir, '.halab-setup.lock'), {
    ...(signal && { signal }),
    onWait: () => note(onProgress, 'Another halab is building the site; waiting for it.'),
  })
  if ((await builtHash()) === hash) return
  await runStep('building the site', onProgress, async () => {
    await rm(stampFile, { force: true })
    await build(signal)
    await writeFile(stampFile, hash)
  })
}

const stampFile = join(checkoutDir, 'dist', '.halab-built')

async function builtHash(): Promise<string | null> {
  return readFile(stampFile, 'utf8').catch(() => null)
}

async function build(signal: AbortSignal | undefined): Promise<void> {
  const astro = join(checkoutDir, 'node_modules/astro/bin/astro.mjs')
  const child = spawn(process.execPath, [astro, 'build'], {
    cwd: checkoutDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
    ...(signal && { signal }),
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-ERROR_CHARS)
    })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0)
    throw new HalabError('site-failed', `The site could not be built:\n${said.trim()}`, {
      hint: 'The lines above name the file. `npm run site` builds it by itself.',
    })
}

async function hashOf(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const source of sources)
    for (const file of await filesIn(join(checkoutDir, source)))
      hash.update(`${file}\0`).update(await readFile(file))
  return hash.digest('hex')
}

/** A file by itself, or all files below a folder, in one order everywhere. */
async function filesIn(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return []
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [path]
    throw error
  }
}
