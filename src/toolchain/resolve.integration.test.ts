/** What only real processes show: Go's modules as committed, and locks of holders that were killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkoutDir } from '../paths.ts'
import { holdLock } from './flock.ts'
import { findGo } from './go-build.ts'
import { programVersion } from './program-version.ts'
import { resolveToolchain } from './resolve.ts'
import { etcdVersion } from './versions.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halab-toolchain-'))
})
afterEach(() => rm(folder, { recursive: true }))

const hasGo = typeof (await findGo()) !== 'string'

test.runIf(hasGo)(
  'Go builds etcdctl from the committed module and leaves its go.sum alone',
  async () => {
    const sums = join(checkoutDir, 'toolchain/etcd/go.sum')
    const before = await readFile(sums, 'utf8')
    const [etcdctl] = await resolveToolchain({ need: ['etcdctl'], build: true, cache: folder })
    expect(etcdctl).toMatchObject({ name: 'etcdctl', from: 'build', version: etcdVersion })
    expect(await programVersion('etcdctl', etcdctl!.path)).toBe(etcdVersion)
    expect(await readFile(sums, 'utf8')).toBe(before)
  },
)

test('a lock outlives no holder, also one that is killed', async () => {
  const file = join(folder, 'lock')
  const script = `
    const { holdLock } = await import(${JSON.stringify(join(import.meta.dirname, 'flock.ts'))})
    await holdLock(${JSON.stringify(file)})
    console.log('held')
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script])
  await once(holder.stdout, 'data')
  let waited = () => {}
  const waiting = new Promise<void>((resolve) => (waited = resolve))
  const mine = holdLock(file, { onWait: waited })
  await waiting
  holder.kill('SIGKILL')
  await (await mine)[Symbol.asyncDispose]()
})

test('waiting for a lock can be given up', async () => {
  const file = join(folder, 'lock')
  await using _lock = await holdLock(file)
  const stop = new AbortController()
  const second = holdLock(file, {
    signal: stop.signal,
    onWait: () => stop.abort(new Error('enough')),
  })
  await expect(second).rejects.toThrow('enough')
})
