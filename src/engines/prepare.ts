/**
 * What is made once, by an agent that runs for nothing else, and then used by every lab:
 * the golden snapshot (what etcd holds once a cluster of these versions and flags has come up the
 * first time; labs start from it) and Node's compile cache of the agent (a third of a second of a start).
 */
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { goldenKey } from '../cluster/golden-key.ts'
import { stateDir } from '../paths.ts'
import { compiledDir, compiledRoot, goldenPath } from './prepared-places.ts'
import { runFolder, type Preparation } from './runs.ts'
import { endRun, startAgent } from './start-agent.ts'

/** Makes what is missing. Two at once make it twice; the last one whole wins. */
export async function prepareLabs(
  onStep?: (step: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const compiled = await compiledDir()
  const missing: Preparation[] = []
  if (!existsSync(goldenPath())) missing.push('golden')
  if (!(await readdir(compiled).catch(() => [])).length) missing.push('compiled')
  if (missing.length === 0) return
  if (missing.includes('golden')) onStep?.('golden snapshot (first run only)')
  const name = `prepare-${process.pid}`
  const agent = await startAgent(
    {
      name,
      prepares: missing,
      engine: 'namespaces',
      seed: 1,
      startedAt: new Date().toISOString(),
      beganNs: String(process.hrtime.bigint()),
      goldenKey: goldenKey(),
    },
    signal,
  )
  try {
    await agent.get('/v1/prepared')
    const made = runFolder(name)
    const part = (path: string) => `${path}.${process.pid}.part`
    // An ordinary user's agent writes its cache in place; root's, under another uid, must not.
    if (existsSync(join(made, 'compiled'))) {
      await dropOthers(compiled)
      await copyFolder(join(made, 'compiled'), part(compiled))
      await rm(compiled, { recursive: true, force: true })
      await rename(part(compiled), compiled)
    }
    if (missing.includes('golden')) {
      await copyReadable(join(made, 'golden.db'), part(goldenPath()))
      await rename(part(goldenPath()), goldenPath())
    }
  } finally {
    await endRun(name)
    await rm(join(stateDir(), 'runs', name), { recursive: true, force: true })
  }
}

/** Sources that changed left their compiled form behind; running labs hold theirs open. */
async function dropOthers(compiled: string): Promise<void> {
  const names = await readdir(compiledRoot()).catch(() => [] as string[])
  const others = names.map((name) => join(compiledRoot(), name)).filter((path) => path !== compiled)
  await Promise.all(others.map((path) => rm(path, { recursive: true, force: true })))
}

async function copyFolder(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name)
    const target = join(to, source.slice(from.length))
    if (entry.isFile()) await copyReadable(source, target)
    else await makeReadable(target)
  }
}

/** A file of our own that every uid may read, whatever the umask: a plain copy would keep the preparing lab's owner. */
async function copyReadable(from: string, to: string): Promise<void> {
  await makeReadable(dirname(to))
  await writeFile(to, await readFile(from))
  await chmod(to, 0o644)
}

async function makeReadable(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
}
