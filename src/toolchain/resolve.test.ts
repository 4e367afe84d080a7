import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isHalabError } from '../errors.ts'
import { toolchainPlaces } from './bin-dir.ts'
import type { Progress } from './progress.ts'
import { readProvenance } from './provenance.ts'
import { resolveToolchain, type ResolveOptions } from './resolve.ts'
import { fakeProgram, sha256, startPublisher, type Publisher } from './testing/publisher.ts'
import type { Upstream } from './versions.ts'

const VERSION = '1.2.3'
const program = fakeProgram(VERSION)
/** Nobody listens there: it is the last port of all, and none that `fetch` refuses by itself. */
const NOBODY = 'http://127.0.0.1:65535'

let folder: string
let publisher: Publisher
let told: Progress[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halab-resolve-'))
  publisher = await startPublisher()
  told = []
  await Promise.all(
    ['path', 'modules/alone', 'modules/packed'].map((each) =>
      mkdir(join(folder, each), { recursive: true }),
    ),
  )
  vi.stubEnv('PATH', `${join(folder, 'path')}:${process.env['PATH']}`)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await publisher[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function upstream(name: string, binaries: readonly string[], extra: object): Upstream {
  return {
    name,
    version: VERSION,
    binaries: Object.fromEntries(binaries.map((each) => [each, `example.com/${each}`])),
    download: {
      base: publisher.url,
      mirrorVariable: 'NO_MIRROR',
      file: '{binary}',
      checksums: '{binary}.sha256',
      ...extra,
    },
    ldflags: [],
    pins: { amd64: {}, arm64: {} },
  }
}
const alone = (extra = {}) => upstream('alone', ['one', 'two'], extra)
const packed = () =>
  upstream('packed', ['three', 'four'], {
    file: 'all.tar.gz',
    checksums: 'SUMS',
    member: 'all/{binary}',
  })

function resolve(options: ResolveOptions = {}) {
  return resolveToolchain({
    upstreams: [alone()],
    cache: join(folder, 'cache'),
    modules: join(folder, 'modules'),
    onProgress: (progress) => told.push(progress),
    ...options,
  })
}
const origins = async (options?: ResolveOptions) => (await resolve(options)).map(({ from }) => from)
const notes = () => told.filter(({ state }) => state === 'note').map(({ text }) => text)
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

function publish(name: string, body = program, claimed = body): void {
  publisher.files.set(`/${name}`, { body })
  publisher.files.set(`/${name}.sha256`, { body: Buffer.from(sha256(claimed)) })
}

/** A `go` that writes our fake program where it is told to. */
async function installGo({
  version = 'go1.26.0',
  script = `cp "$0.program" "$out"`,
} = {}): Promise<void> {
  const go = join(folder, 'path', 'go')
  const answer = JSON.stringify({ GOVERSION: version, GOCACHE: folder, GOMODCACHE: folder })
  const lines = [
    '#!/bin/sh',
    `if [ "$1" = env ]; then echo '${answer}'; exit; fi`,
    'while [ "$1" != -o ]; do shift; done; out=$2',
    `echo "$3" >>"$0.log"; ${script}`,
  ]
  await writeFile(go, lines.join('\n'), { mode: 0o755 })
  await writeFile(`${go}.program`, program)
}
const built = async () =>
  (await readFile(join(folder, 'path', 'go.log'), 'utf8')).trim().split('\n')

test('downloads what is missing, all into one folder that labs may read, and then has it', async () => {
  publish('one')
  publish('two')
  const binaries = await resolve()
  expect(binaries.map(({ name, version, from }) => [name, version, from])).toEqual([
    ['one', VERSION, 'download'],
    ['two', VERSION, 'download'],
  ])
  for (const { path } of binaries) {
    expect(program.equals(await readFile(path))).toBe(true)
    expect((await stat(path)).mode & 0o777).toBe(0o755)
  }
  const { bin, provenance, downloads } = toolchainPlaces(join(folder, 'cache'), [alone()])
  expect(await readdir(bin)).toEqual(['one', 'two'])
  expect(await readdir(downloads)).toEqual([])
  expect(await readProvenance(provenance)).toMatchObject({
    one: { from: 'download', sha256: sha256(program) },
  })
  expect(await origins()).toEqual(['cache', 'cache'])
})

test('takes several programs out of one archive, downloaded once', async () => {
  await mkdir(join(folder, 'all'))
  for (const name of ['three', 'four']) await writeFile(join(folder, 'all', name), program)
  execFileSync('tar', ['-czf', join(folder, 'all.tar.gz'), '-C', folder, 'all'])
  const archive = await readFile(join(folder, 'all.tar.gz'))
  publisher.files.set('/all.tar.gz', { body: archive })
  publisher.files.set('/SUMS', { body: Buffer.from(`${sha256(archive)}  all.tar.gz\n`) })
  expect(await origins({ upstreams: [packed()] })).toEqual(['download', 'download'])
  expect(publisher.requests.filter((each) => each.includes('all.tar.gz'))).toHaveLength(1)
})

test('prefers a program of the right version on the PATH to downloading, and refuses another', async () => {
  await writeFile(join(folder, 'path', 'one'), program, { mode: 0o755 })
  await writeFile(join(folder, 'path', 'two'), fakeProgram('1.2.4'), { mode: 0o755 })
  publish('two')
  expect(await origins()).toEqual(['path', 'download'])
})

test('a wrong checksum is an error, never a reason to build', async () => {
  await installGo()
  publish('one', Buffer.from('altered'), program)
  publish('two')
  expect(await errorOf(resolve())).toMatchObject({ code: 'checksum-mismatch' })
  expect(existsSync(join(folder, 'path', 'go.log'))).toBe(false)
})

test('a pin is believed, not the publisher', async () => {
  publish('one')
  const pins = {
    amd64: { one: sha256(Buffer.from('x')) },
    arm64: { one: sha256(Buffer.from('x')) },
  }
  const failure = await errorOf(
    resolve({ upstreams: [{ ...alone(), pins }], need: ['one' as never] }),
  )
  expect(failure).toMatchObject({ code: 'checksum-mismatch' })
})

test('without a network Go builds, after one plain line', async () => {
  await installGo()
  expect(await origins({ upstreams: [alone({ base: NOBODY })] })).toEqual(['build', 'build'])
  expect(notes()).toEqual([
    '127.0.0.1:65535 cannot be reached (ECONNREFUSED): building with go1.26.0 instead.',
  ])
  expect(await built()).toEqual(['example.com/one', 'example.com/two'])
})

test('what a publisher does not have is built', async () => {
  await installGo()
  publish('one')
  expect(await origins()).toEqual(['download', 'build'])
  expect(notes()).toEqual([expect.stringContaining('404')])
})

test('a page instead of a checksum (a hotel’s network) is no publisher', async () => {
  await installGo()
  publisher.files.set('/one.sha256', { body: Buffer.from('<html>Please log in</html>') })
  expect(await origins()).toEqual(['build', 'build'])
})

test('without network and Go it says what was tried and what to do', async () => {
  await installGo({ version: 'go1.19.8' })
  const failure = await errorOf(resolve({ upstreams: [alone({ base: NOBODY })] }))
  expect(failure).toMatchObject({
    code: 'toolchain-unavailable',
    hint: expect.stringContaining('Go'),
  })
  expect(String(failure)).toMatch(/ECONNREFUSED.*older than Go/)
})

test('a build that fails shows what Go said', async () => {
  await installGo({ script: 'echo "x.go:1: undefined: y" >&2; exit 1' })
  const failure = await errorOf(resolve({ upstreams: [alone({ base: NOBODY })] }))
  expect(failure).toMatchObject({
    code: 'build-failed',
    message: expect.stringContaining('undefined: y'),
  })
})

test('a finished program is never built again', async () => {
  await installGo({ script: 'case $out in */two) exit 1; esac; cp "$0.program" "$out"' })
  const offline = { upstreams: [alone({ base: NOBODY })] }
  expect(isHalabError(await errorOf(resolve(offline)))).toBe(true)
  await installGo()
  expect(await origins(offline)).toEqual(['cache', 'build'])
  expect(await built()).toEqual(['example.com/one', 'example.com/two', 'example.com/two'])
})

test('asked for built ones, it takes no others, but keeps what it built', async () => {
  publish('one')
  publish('two')
  expect(await origins()).toEqual(['download', 'download'])
  await installGo()
  expect(await origins({ build: true })).toEqual(['build', 'build'])
  expect(await origins({ build: true })).toEqual(['cache', 'cache'])
})

test('two at once wait for each other: everything is downloaded once', async () => {
  publish('one')
  publish('two')
  const all = await Promise.all([origins(), origins()])
  expect(all.flat().toSorted()).toEqual(['cache', 'cache', 'download', 'download'])
  expect(publisher.requests.filter((each) => each === 'GET /one')).toHaveLength(1)
})

test('Ctrl-C in the middle of a build leaves no program and no Go', async () => {
  await installGo({ script: 'echo $$ >"$0.pid"; echo half >"$out"; exec sleep 600' })
  const stop = new AbortController()
  const work = errorOf(resolve({ upstreams: [alone({ base: NOBODY })], signal: stop.signal }))
  const pidFile = join(folder, 'path', 'go.pid')
  const pid = await vi.waitUntil(async () => Number(await readFile(pidFile, 'utf8').catch(() => 0)))
  stop.abort(new Error('Ctrl-C'))
  expect(await work).toMatchObject({ message: 'Ctrl-C' })
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  const { bin } = toolchainPlaces(join(folder, 'cache'), [alone()])
  expect(await readdir(bin)).toEqual([])
})

test('Ctrl-C in the middle of a download leaves the part alone', async () => {
  const body = Buffer.alloc(2_000_000, 1)
  publish('one', body)
  publisher.files.set('/one', { body, stallAfter: 1_000_000 })
  const stop = new AbortController()
  const work = errorOf(resolve({ signal: stop.signal }))
  const { bin, downloads } = toolchainPlaces(join(folder, 'cache'), [alone()])
  await vi.waitUntil(() =>
    stat(join(downloads, 'one.part')).then(
      ({ size }) => size > 0,
      () => false,
    ),
  )
  stop.abort(new Error('Ctrl-C'))
  expect(await work).toMatchObject({ message: 'Ctrl-C' })
  expect(await readdir(downloads)).toEqual(['one.part'])
  expect(await readdir(bin)).toEqual([])
})
