/** The house's own rules: who may import whom, and what every committed file must do without. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { checkoutDir } from './paths.ts'

/**
 * Room → what it may import besides itself. An entry is a room (its folder), or one file of another
 * room. Everybody may import the files in `COMMON`.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/wire': [],
  'src/terminal': ['src/wire', 'src/engines/types.ts'],
  'src/cluster': ['src/wire'],
  'src/toolchain': [],
  'src/kube': ['src/wire'],
  'src/evidence': ['src/wire'],
  // The codec is what both ends of a terminal speak: pure, and of no use written twice.
  'src/site': ['src/wire', 'src/terminal/codec.ts'],
  'src/server': ['src/engines', 'src/toolchain', 'src/terminal', 'src/wire', 'src/grading/load.ts'],
  'src/cli': [
    'src/engines',
    'src/toolchain',
    'src/terminal',
    'src/wire',
    'src/server/index.ts',
    'src/grading/load.ts',
    // The gate drives labs from outside, as a learner would.
    'src/grading/gate/index.ts',
  ],
  'src/agent': [
    'src/engines',
    'src/kubelet',
    'src/kube',
    'src/cluster',
    'src/evidence',
    'src/grading',
    'src/terminal',
    'src/wire',
  ],
  'src/engines': ['src/cluster', 'src/kube', 'src/toolchain', 'src/wire'],
  'src/kubelet': ['src/cluster', 'src/kube', 'src/toolchain', 'src/wire', 'src/engines/types.ts'],
  'src/grading': ['src/evidence', 'src/wire', 'src/engines/types.ts'],
  labs: ['src/grading/index.ts'],
  graders: ['src/grading/index.ts'],
}
const COMMON = ['src/errors.ts', 'src/paths.ts']
/** A file longer than this has become two things; a warning only, since some tables are long. */
const LONG_LINES = 300

interface Import {
  readonly file: string
  readonly target: string
}

const sources = ['src', 'labs', 'graders'].flatMap((folder) => filesBelow(folder))

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(checkoutDir, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs|astro)$/.test(name))
    .map((name) => join(folder, name))
}

function read(file: string): string {
  return readFileSync(join(checkoutDir, file), 'utf8')
}

/** The room a file lives in, e.g. `src/wire` or `labs`; null for the files that stand by themselves. */
function roomOf(file: string): string | null {
  const [first = '', second = '', third] = file.split('/')
  if (first !== 'src') return first
  return third === undefined ? null : `${first}/${second}`
}

function importsOf(file: string): readonly Import[] {
  const specifiers = read(file).matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)['"](\.[^'"]+)['"]/g)
  return [...specifiers].map(([, specifier = '']) => ({
    file,
    target: relative(checkoutDir, join(checkoutDir, dirname(file), specifier)),
  }))
}

/** Why this import may not be, or null. */
function broken({ file, target }: Import): string | null {
  const room = roomOf(file)
  if (room === null || COMMON.includes(target) || roomOf(target) === room) return null
  // Data files beside the sources, such as package.json or toolchain/versions.json.
  if (target.endsWith('.json')) return null
  const allowed = MAY_IMPORT[room]
  if (!allowed) return `${file}: ${room} is a new room; say in src/house.test.ts what it may import`
  if (allowed.some((each) => target === each || roomOf(target) === each)) return null
  return `${file} imports ${target}; ${room} may import only ${[...allowed, ...COMMON].join(', ')}`
}

function mayLookInto(file: string, target: string): boolean {
  const rooms = MAY_IMPORT[roomOf(file) ?? ''] ?? []
  return rooms.some((each) => (roomOf(each) ?? each) === roomOf(target) || each === roomOf(target))
}

test('each room imports only from the rooms below it', () => {
  const problems = sources
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap(importsOf)
    .map(broken)
  expect(problems.filter((each) => each !== null)).toEqual([])
})

test('a test looks into the same rooms as its own room, but into all of their files', () => {
  const problems = sources
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap(importsOf)
    .filter(({ target }) => !/fake|fixture|testing/.test(target))
    .filter(({ file, target }) => !mayLookInto(file, target))
    .map(broken)
  expect(problems.filter((each) => each !== null)).toEqual([])
})

test('the rule finds what it is for', () => {
  const wrong = { file: 'src/site/dock/x.ts', target: 'src/agent/main.ts' }
  expect(broken(wrong)).toContain('src/site may import only')
  expect(broken({ file: 'src/new/x.ts', target: 'src/wire/index.ts' })).toContain('new room')
  expect(broken({ file: 'src/agent/x.ts', target: 'src/kubelet/index.ts' })).toBeNull()
})

test('long files are pointed out', () => {
  const long = sources
    .map((file) => ({ file, lines: read(file).split('\n').length }))
    .filter(({ lines }) => lines > LONG_LINES)
  for (const { file, lines } of long)
    console.warn(`${file} has ${lines} lines; ${LONG_LINES} is long`)
})

test('the lock file is one that `npm ci` takes on every machine, and names no registry', () => {
  interface Locked {
    readonly optionalDependencies?: Readonly<Record<string, string>>
    readonly resolved?: string
  }
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
  const unlocked = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter((name) => !isLocked(packages, path, name)),
  )
  // npm leaves out the packages of other processors that its registry does not have at that moment.
  expect(unlocked).toEqual([])
  expect(Object.values(packages).filter(({ resolved }) => resolved)).toEqual([])
})

/** Looks a package up as Node would, from the folder of the package that asks outwards. */
function isLocked(
  packages: Readonly<Record<string, unknown>>,
  from: string,
  name: string,
): boolean {
  if (`${from && `${from}/`}node_modules/${name}` in packages) return true
  if (from === '') return false
  const outer = from.lastIndexOf('/node_modules/')
  return isLocked(packages, outer < 0 ? '' : from.slice(0, outer), name)
}
