/** Building a program from the pinned Go module of its project, where it cannot be downloaded. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { errorBody, HalabError } from '../errors.ts'
import { checkoutDir } from '../paths.ts'
import { isThere } from './bin-dir.ts'
import { COLD_BUILD_BYTES, ETCD_BUILD_BYTES, OLDEST_GO_MINOR, WARM_BUILD_BYTES } from './limits.ts'
import { fill, type Arch, type Upstream } from './versions.ts'

export interface Go {
  readonly path: string
  /** E.g. `go1.26.8`. */
  readonly version: string
  readonly buildCache: string
  readonly moduleCache: string
}

export interface BuildOptions {
  readonly upstream: Upstream
  readonly binary: string
  readonly arch: Arch
  /** Folder of the Go modules; `toolchain/` of the checkout unless told. */
  readonly modules?: string
  /** File to write. */
  readonly output: string
  /** Folder for Go's temporary files: `/tmp` is often memory, and linking takes hundreds of MB. */
  readonly temporary: string
  readonly signal?: AbortSignal | undefined
  readonly say?: (text: string) => void
}

/** Where Go installs itself by its own instructions, for shells that were never told. */
const USUAL_PLACES = ['/usr/local/go/bin', '/usr/lib/go/bin', '/snap/bin']
const ERROR_LINES = 15

const run = promisify(execFile)

/** The machine's Go, if it has one that can build our modules; else why not, in words. */
export async function findGo(path = process.env.PATH ?? ''): Promise<Go | string> {
  for (const folder of [...path.split(':').filter(Boolean), ...USUAL_PLACES]) {
    const candidate = join(folder, 'go')
    if (await isThere(candidate)) return await askGo(candidate)
  }
  return 'Go is not installed'
}

async function askGo(path: string): Promise<Go | string> {
  try {
    const { stdout } = await run(path, ['env', '-json', 'GOVERSION', 'GOCACHE', 'GOMODCACHE'], {
      env: goEnvironment(),
    })
    const { GOVERSION, GOCACHE, GOMODCACHE } = JSON.parse(stdout) as Record<string, string>
    const minor = Number(/^go1\.(\d+)/.exec(GOVERSION ?? '')?.[1] ?? 0)
    if (!GOCACHE || !GOMODCACHE || minor < OLDEST_GO_MINOR)
      return `${path} is ${GOVERSION ?? 'of an unknown version'}, older than Go 1.${OLDEST_GO_MINOR}`
    return { path, version: GOVERSION!, buildCache: GOCACHE, moduleCache: GOMODCACHE }
  } catch (error) {
    return `${path} does not run (${errorBody(error).message.split('\n')[0]})`
  }
}

/**
 * Builds one program to `output`, which is complete when this resolves and may be half-written when
 * it does not. Go's own caches are used as they are, so an interrupted build goes on where it
 * stopped. Throws `build-failed`, `disk-full`.
 */
export async function goBuild(go: Go, options: BuildOptions): Promise<void> {
  const { upstream, binary, arch, output, temporary, signal } = options
  await mkdir(temporary, { recursive: true })
  await demandSpace(go, upstream, [go.buildCache, go.moduleCache, temporary])
  const argv = ['build', '-trimpath', '-buildvcs=false', '-mod=readonly']
  argv.push('-tags=selinux,notest,grpcnotrace', `-ldflags=${ldflags(upstream, arch)}`)
  argv.push('-o', output, upstream.binaries[binary] ?? binary)
  const child = spawn(go.path, argv, {
    cwd: join(options.modules ?? join(checkoutDir, 'toolchain'), upstream.name),
    env: { ...goEnvironment(), GOOS: 'linux', GOARCH: arch, GOTMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, so that ending it ends the compilers too.
    detached: true,
  })
  const end = (): void => endGroup(child.pid)
  signal?.addEventListener('abort', end, { once: true })
  let said: string[] = []
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = [...said, ...chunk.split('\n').filter(Boolean)].slice(-ERROR_LINES)
    const fetched = /^go: downloading (\S+)/.exec(said.at(-1) ?? '')?.[1]
    options.say?.(fetched ? `fetching ${fetched}` : 'compiling')
  })
  try {
    signal?.throwIfAborted()
    const [code] = (await once(child, 'close')) as [number | null]
    signal?.throwIfAborted()
    if (code !== 0) throw buildFailed(binary, said)
  } finally {
    signal?.removeEventListener('abort', end)
    if (child.exitCode === null) end()
    await rm(temporary, { recursive: true, force: true })
  }
}

function ldflags(upstream: Upstream, arch: Arch): string {
  return ['-s', '-w', ...upstream.ldflags.map((flag) => fill(flag, upstream, arch))].join(' ')
}

/** Our flags and nobody else's: a `-mod=mod` of the user would rewrite the committed go.sum. */
function goEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOFLAGS: '',
    GOWORK: 'off',
    CGO_ENABLED: '0',
    // Distributions switch off what the go.mod may ask for: a newer Go than the installed one.
    GOTOOLCHAIN: process.env.GOTOOLCHAIN ?? 'auto',
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}

function buildFailed(binary: string, said: readonly string[]): HalabError {
  const text = said.join('\n')
  if (/no space left on device/.test(text))
    return new HalabError('disk-full', `The disk filled up while Go built ${binary}`, {
      hint: 'Free some space and run the same command again; it goes on where it stopped.',
    })
  const offline = /dial tcp|no such host|i\/o timeout|connection refused/.test(text)
  return new HalabError('build-failed', `Go could not build ${binary}:\n${text}`, {
    hint: offline
      ? 'Go has to fetch the sources from proxy.golang.org (or your GOPROXY): connect to the network and run the same command again.'
      : 'Run the same command again; if it fails in the same way, please report it with these lines.',
  })
}

/** Bytes that building this project may still take: less when its sources are there already. */
export async function spaceToBuild(go: Go, upstream: Upstream): Promise<number> {
  if (upstream.name !== 'kubernetes') return ETCD_BUILD_BYTES
  const sources = join(go.moduleCache, `k8s.io/kubernetes@v${upstream.version}`)
  const warm = await stat(sources).catch(() => null)
  return warm ? WARM_BUILD_BYTES : COLD_BUILD_BYTES
}

async function demandSpace(go: Go, upstream: Upstream, folders: readonly string[]): Promise<void> {
  const needed = await spaceToBuild(go, upstream)
  for (const folder of folders) {
    const free = await freeBytes(folder)
    if (free < needed)
      throw new HalabError(
        'disk-full',
        `Building ${upstream.name} takes up to ${gigabytes(needed)}, but only ${gigabytes(free)} are free for ${folder}`,
        {
          hint: 'Free some space, or point HALAB_CACHE, GOCACHE and GOMODCACHE at a larger disk, then run the same command again.',
        },
      )
  }
}

/** Free bytes for us on the file system that holds `path` or will hold it. */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch (error) {
    if (path === dirname(path)) throw error
    return await freeBytes(dirname(path))
  }
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
