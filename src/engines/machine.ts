/** Whether this machine has what a lab needs right now: asked before anything is started. */
import { mkdir, readFile, statfs } from 'node:fs/promises'
import { HalabError } from '../errors.ts'
import { stateDir } from '../paths.ts'
import type { EngineName } from '../wire/lab.ts'
import { support } from './namespaces/support.ts'

/** A lab with one control plane takes half a gigabyte, one with three a whole one, and etcd's files. */
const MIN_MEMORY_BYTES = 900 << 20
/** Evidence of an hour of the noisiest lab, and some room. */
const MIN_DISK_BYTES = 100 << 20

/** Throws `unknown-engine`, `userns-forbidden`, `no-memory`, `disk-full`, each with what to do. */
export async function requireRoom(engine: EngineName): Promise<void> {
  if (engine !== 'namespaces') {
    throw new HalabError('unknown-engine', `engine ${engine} is not available`, {
      hint: 'use --engine namespaces',
    })
  }
  const [{ missing }] = await Promise.all([support(), requireMemory(), requireDisk()])
  const [first] = missing
  if (first) throw new HalabError(first.code, first.message, { hint: first.hint })
}

async function requireMemory(): Promise<void> {
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1] ?? Infinity) * 1024
  if (available >= MIN_MEMORY_BYTES) return
  throw new HalabError(
    'no-memory',
    `only ${mebi(available)} of memory are free, a lab needs about 1.2 GB`,
    {
      hint: 'end another lab (`halab ls`, `halab down NAME`) or close other programs',
    },
  )
}

async function requireDisk(): Promise<void> {
  const folder = stateDir()
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= MIN_DISK_BYTES) return
  throw new HalabError('disk-full', `only ${mebi(bavail * bsize)} are free where ${folder} lies`, {
    hint: 'make room there, or set HALAB_STATE to a folder on another disk',
  })
}

const mebi = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
