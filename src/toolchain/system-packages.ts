/** The Debian packages that labs, their learners and the tests need, judged by the programs they bring. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HalabError } from '../errors.ts'
import { note, runStep, type OnProgress } from './progress.ts'

/** `lab`: nothing runs without it. `learner`: what one types in a terminal. `test`: `halab test` only. */
export type PackageUse = 'lab' | 'learner' | 'test'

export interface SystemPackage {
  readonly name: string
  readonly use: PackageUse
  /** Present when each of these is; of alternatives within one, any. */
  readonly files: readonly (readonly string[])[]
}

/** Nodes see the machine's /usr, so a program in a home folder or in /opt does not count. */
const PROGRAM_FOLDERS = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
]

function program(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => PROGRAM_FOLDERS.map((folder) => join(folder, name)))
}

const chromium = program('chromium', 'chromium-browser', 'google-chrome')

export const systemPackages: readonly SystemPackage[] = [
  { name: 'bubblewrap', use: 'lab', files: [program('bwrap')] },
  { name: 'iproute2', use: 'lab', files: [program('ip')] },
  {
    name: 'util-linux',
    use: 'lab',
    files: ['unshare', 'nsenter', 'setpriv'].map((p) => program(p)),
  },
  { name: 'procps', use: 'lab', files: [program('ps'), program('watch')] },
  { name: 'haproxy', use: 'lab', files: [program('haproxy')] },
  { name: 'nftables', use: 'lab', files: [program('nft')] },
  { name: 'socat', use: 'lab', files: [program('socat')] },
  { name: 'keepalived', use: 'lab', files: [program('keepalived')] },
  {
    name: 'bash-completion',
    use: 'learner',
    files: [['/usr/share/bash-completion/bash_completion']],
  },
  { name: 'vim', use: 'learner', files: [program('vim')] },
  { name: 'nano', use: 'learner', files: [program('nano')] },
  { name: 'jq', use: 'learner', files: [program('jq')] },
  { name: 'curl', use: 'learner', files: [program('curl')] },
  { name: 'less', use: 'learner', files: [program('less')] },
  { name: 'chromium', use: 'test', files: [chromium] },
]

type Exists = (path: string) => boolean

export function isPresent({ files }: SystemPackage, exists: Exists = existsSync): boolean {
  return files.every((alternatives) => alternatives.some(exists))
}

export function missingPackages(
  uses: readonly PackageUse[],
  exists: Exists = existsSync,
): readonly SystemPackage[] {
  return systemPackages.filter((each) => uses.includes(each.use) && !isPresent(each, exists))
}

/** The command that a person would type for these. */
export function installCommand(packages: readonly SystemPackage[]): string {
  return `sudo apt-get install -y ${packages.map(({ name }) => name).join(' ')}`
}

export interface EnsureOptions {
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal | undefined
}

/**
 * Installs what is missing with apt-get where that needs nobody's password. Throws
 * `missing-packages` with the command to type otherwise; what only the learner's comfort needs is
 * a note instead.
 */
export async function ensureSystemPackages(
  uses: readonly PackageUse[],
  options: EnsureOptions = {},
): Promise<void> {
  const { onProgress = () => {} } = options
  const missing = missingPackages(uses)
  if (missing.length === 0) return
  const prefix = await aptPrefix()
  if (!prefix) return report(missing, 'halab may not install them itself', onProgress)
  const names = missing.map(({ name }) => name)
  let why = 'apt-get did not bring them'
  await runStep(`system packages ${names.join(' ')}`, onProgress, async (say) => {
    say('package lists')
    await apt(prefix, ['update'], options.signal)
    say('installing')
    await apt(prefix, ['install', '-y', '--no-install-recommends', ...names], options.signal)
    await stopServices(prefix, names)
  }).catch((error: unknown) => {
    options.signal?.throwIfAborted()
    why = error instanceof Error ? error.message : String(error)
  })
  const still = missingPackages(uses)
  if (still.length > 0) report(still, why, onProgress)
}

function report(missing: readonly SystemPackage[], why: string, onProgress: OnProgress): void {
  const needed = missing.filter(({ use }) => use !== 'learner')
  const names = missing.map(({ name }) => name).join(', ')
  if (needed.length === 0) {
    note(
      onProgress,
      `Not installed, and missed in terminals: ${names} (${installCommand(missing)})`,
    )
    return
  }
  throw new HalabError('missing-packages', `System packages are missing: ${names} (${why})`, {
    hint: `Run: ${installCommand(missing)}   (on other distributions: the packages of these names)`,
  })
}

/** How to call apt-get without a password: `[]` as root, `['sudo', '-n']`; null when not at all. */
async function aptPrefix(): Promise<readonly string[] | null> {
  if (!program('apt-get').some((path) => existsSync(path))) return null
  if (process.getuid?.() === 0) return []
  const sudo = await promisify(execFile)('sudo', ['-n', 'true']).then(
    () => true,
    () => false,
  )
  return sudo ? ['sudo', '-n'] : null
}

const APT_ERROR_LINES = 4

async function apt(
  prefix: readonly string[],
  argv: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const quiet = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=2']
  const environment = ['env', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_MODE=l']
  const [command, ...rest] = [...prefix, ...environment, 'apt-get', ...quiet, ...argv]
  const child = spawn(command!, rest, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  // dpkg in the middle of a package is better asked than killed.
  const end = (): void => void child.kill('SIGINT')
  signal?.addEventListener('abort', end, { once: true })
  const [code] = (await once(child, 'close')) as [number | null]
  signal?.removeEventListener('abort', end)
  signal?.throwIfAborted()
  if (code !== 0)
    throw new Error(
      `apt-get ${argv[0]} failed: ${said.trim().split('\n').slice(-APT_ERROR_LINES).join(' ')}`,
    )
}

/** Debian starts what it installs; labs start these programs themselves, in nodes. */
async function stopServices(prefix: readonly string[], names: readonly string[]): Promise<void> {
  const services = names.filter((name) => name === 'haproxy' || name === 'keepalived')
  if (services.length === 0 || !existsSync('/run/systemd/system')) return
  const [command, ...rest] = [...prefix, 'systemctl', 'disable', '--now', ...services]
  await promisify(execFile)(command!, rest).catch(() => {})
}
