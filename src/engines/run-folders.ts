/** The two folders of a run: one for its socket, gone with the lab, and one that stays. */
import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HalabError } from '../errors.ts'
import { runtimeDir, stateDir } from '../paths.ts'
import { expireArchives } from './archives.ts'
import { listRuns, NAME_PATTERN, runFolder, runSocket } from './runs.ts'

/** A Unix socket's path holds 107 bytes; the contract leaves room below 100. */
const MAX_SOCKET_PATH_BYTES = 100

/** Makes the run's folder, which is how a name is taken. Throws `bad-name`, `path-too-long`, `name-taken`. */
export async function claimFolder(name: string): Promise<string> {
  if (!NAME_PATTERN.test(name)) {
    throw new HalabError('bad-name', `${name} cannot be a lab's name`, {
      hint: 'lower-case letters, digits and dashes, 31 at the most, not beginning with a dash',
    })
  }
  if (Buffer.byteLength(runSocket(name)) > MAX_SOCKET_PATH_BYTES) {
    throw new HalabError('path-too-long', `${runSocket(name)} is too long for a socket`, {
      hint: 'set HALAB_RUNTIME or XDG_RUNTIME_DIR to a shorter folder',
    })
  }
  await mkdir(runtimeDir(), { recursive: true, mode: 0o700 })
  // Removes the folder of an earlier lab of this name that was killed.
  await listRuns()
  try {
    await mkdir(runFolder(name), { mode: 0o700 })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new HalabError('name-taken', `a lab named ${name} is running`, {
      hint: `end it with \`halab down ${name}\`, or give another --name`,
      cause,
    })
  }
  return runFolder(name)
}

/** The folder that stays; one of an earlier run of this name steps aside. */
export async function freshArchive(name: string): Promise<string> {
  const runs = join(stateDir(), 'runs')
  await mkdir(runs, { recursive: true, mode: 0o700 })
  await expireArchives(runs)
  const archive = join(runs, name)
  const earlier = await stat(archive).catch(() => undefined)
  if (earlier) await rename(archive, `${archive}.${earlier.mtime.toISOString().replace(/:/g, '-')}`)
  await mkdir(archive, { mode: 0o700 })
  return archive
}
