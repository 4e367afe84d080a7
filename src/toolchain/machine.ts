/** The machine as the doctor's checks see it, so that tests can put another in its place. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { cacheDir } from '../paths.ts'
import { isThere, toolchainPlaces } from './bin-dir.ts'
import { findGo, freeBytes, type Go } from './go-build.ts'
import { PROBE_TIMEOUT_MS } from './limits.ts'
import { assetOf, expectedSha256 } from './publisher.ts'
import { binaryNames, thisArch, upstreams } from './versions.ts'

export interface Machine {
  readonly platform: string
  readonly arch: string
  readonly nodeVersion: string
  readonly isRoot: boolean
  readonly cache: string
  exists(path: string): boolean
  /** Null when it cannot be read. */
  read(path: string): Promise<string | null>
  /** Null when it ran well, else its last words. */
  problemOf(argv: readonly string[]): Promise<string | null>
  freeBytes(path: string): Promise<number>
  portIsFree(port: number): Promise<boolean>
  missingBinaries(): Promise<readonly string[]>
  /** The machine's Go, or why it has none that would do. */
  go(): Promise<Go | string>
  /** Null when every publisher answers, else why not. */
  downloadProblem(): Promise<string | null>
}

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    isRoot: process.getuid?.() === 0,
    cache: cacheDir(),
    exists: existsSync,
    read: (path) => readFile(path, 'utf8').catch(() => null),
    problemOf,
    freeBytes,
    portIsFree,
    missingBinaries,
    go: once(findGo),
    downloadProblem: once(downloadProblem),
  }
}

function problemOf([program = '', ...argv]: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    // In `/`, because an unprivileged user may be shut out of the checkout.
    // With the system's programs: an ordinary user's PATH often lacks them, a lab's does not.
    const env = {
      ...process.env,
      PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`,
    }
    const options = { cwd: '/', timeout: PROBE_TIMEOUT_MS, env }
    execFile(program, argv, options, (error, _stdout, stderr) =>
      resolve(error ? stderr.trim().split('\n').at(-1) || error.message : null),
    )
  })
}

function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1' }, () => server.close(() => resolve(true)))
  })
}

async function missingBinaries(): Promise<readonly string[]> {
  const { bin } = toolchainPlaces()
  const there = await Promise.all(binaryNames.map((name) => isThere(join(bin, name))))
  return binaryNames.filter((_, i) => !there[i])
}

async function downloadProblem(): Promise<string | null> {
  const problems = await Promise.all(
    upstreams.map(async (upstream) => {
      const [binary = ''] = Object.keys(upstream.binaries)
      return expectedSha256(assetOf(upstream, binary, thisArch())).then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
    }),
  )
  return problems.filter((each) => each !== null).join('; ') || null
}

/** Two checks ask the same; the network is asked once. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= ask())
}
