/** Which version a program on this machine says it is. */
import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { isThere } from './bin-dir.ts'
import { VERSION_TIMEOUT_MS } from './limits.ts'

const run = promisify(execFile)

/** Programs that know no `--version`, and what they want to be asked instead. */
const questions: Readonly<Record<string, readonly string[]>> = {
  kubectl: ['version', '--client'],
  etcdctl: ['version'],
  etcdutl: ['version'],
}

/** The version that the program at `path` prints, e.g. `1.35.4`; null when it prints none. */
export async function programVersion(binary: string, path: string): Promise<string | null> {
  const argv = questions[binary] ?? ['--version']
  try {
    const { stdout } = await run(path, [...argv], { timeout: VERSION_TIMEOUT_MS })
    return /\bv?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? null
  } catch {
    return null
  }
}

/** The first program of that name on the PATH that is of this very version. */
export async function onPath(
  binary: string,
  version: string,
  path: string = process.env.PATH ?? '',
): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, binary)
    if ((await isThere(candidate)) && (await programVersion(binary, candidate)) === version)
      return candidate
  }
  return null
}
