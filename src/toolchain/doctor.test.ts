import { expect, test } from 'vitest'
import { checks, doctorChecks } from './doctor.ts'
import type { Finding } from './finding.ts'
import type { Machine } from './machine.ts'

const go = { path: '/go', version: 'go1.26.0', buildCache: '/gocache', moduleCache: '/gomod' }

/** A machine with everything, but for what a test takes away. */
function machine(but: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    arch: 'x64',
    nodeVersion: '24.1.0',
    isRoot: false,
    cache: '/cache',
    exists: () => true,
    read: async (path) => (path === '/proc/meminfo' ? 'MemAvailable:    8000000 kB\n' : null),
    problemOf: async () => null,
    freeBytes: async () => 100e9,
    portIsFree: async () => true,
    missingBinaries: async () => [],
    go: async () => go,
    downloadProblem: async () => null,
    ...but,
  }
}
const find = (id: string, but: Partial<Machine> = {}): Promise<Finding> =>
  doctorChecks[id]!(machine(but))

test('a machine with everything is well, and nothing has to be done', async () => {
  const { ok, checks: found } = await checks(machine())
  expect(ok).toBe(true)
  expect(found.filter(({ hint }) => hint !== null)).toEqual([])
  expect(found.map(({ id }) => id)).toContain('user-namespaces')
})

test('whatever is wrong comes with what to do', async () => {
  const bare = machine({
    platform: 'darwin',
    nodeVersion: '20.0.0',
    exists: () => false,
    read: async () => 'MemAvailable: 5 kB',
    problemOf: async () => 'Operation not permitted',
    freeBytes: async () => 5,
    missingBinaries: async () => ['kubectl'],
    go: async () => 'Go is not installed',
    downloadProblem: async () => 'dl.k8s.io cannot be reached',
  })
  const { ok, checks: found } = await checks(bare)
  expect(ok).toBe(false)
  expect(found.filter((each) => !each.ok && !each.hint)).toEqual([])
  expect(found.filter((each) => each.ok).map(({ id }) => id)).toEqual(['port', 'chromium'])
})

test.each([
  ['kernel.unprivileged_userns_clone', '0'],
  ['user.max_user_namespaces', '0'],
  ['kernel.apparmor_restrict_unprivileged_userns', '1'],
])('names %s as what forbids user namespaces', async (setting, value) => {
  const finding = await find('user-namespaces', {
    problemOf: async () => 'unshare failed: Operation not permitted',
    read: async (path) =>
      path === `/proc/sys/${setting.replaceAll('.', '/')}` ? `${value}\n` : null,
  })
  expect(finding.message).toContain(`${setting} is ${value}`)
  expect(finding.hint).toContain(`sysctl -w ${setting}=`)
})

test('a setting is not blamed where namespaces work', async () => {
  expect(await find('user-namespaces', { read: async () => '0' })).toMatchObject({ ok: true })
})

test('root is tried as somebody without privileges', async () => {
  const tried: string[] = []
  const problemOf = async ([program = '']: readonly string[]) => (tried.push(program), null)
  await find('user-namespaces', { isRoot: true, problemOf })
  await find('user-namespaces', { isRoot: false, problemOf })
  expect(tried).toEqual(['setpriv', 'unshare'])
})

test('programs may be there, downloaded or built', async () => {
  const missingBinaries = async () => ['kubectl']
  const downloadProblem = async () => 'no network'
  expect((await find('binaries')).message).toContain('in the cache')
  expect((await find('binaries', { missingBinaries })).message).toContain('by download')
  const built = await find('binaries', { missingBinaries, downloadProblem })
  expect(built).toMatchObject({ ok: true, message: expect.stringContaining('go1.26.0') })
  const neither = { missingBinaries, downloadProblem, go: async () => 'Go is not installed' }
  expect(await find('binaries', neither)).toMatchObject({ ok: false })
})

test('a cold build needs more disk than downloads do', async () => {
  const small = { freeBytes: async () => 5e9, missingBinaries: async () => ['kubectl'] }
  expect(await find('disk', small)).toMatchObject({ ok: true })
  const offline = { ...small, downloadProblem: async () => 'no network' }
  expect(await find('disk', offline)).toMatchObject({ ok: false })
})

test('only missing packages of labs are a failure', async () => {
  const without = (name: string) => ({ exists: (path: string) => !path.endsWith(`/${name}`) })
  const bwrap = await find('packages', without('bwrap'))
  expect(bwrap).toMatchObject({ ok: false, hint: expect.stringContaining('install -y bubblewrap') })
  expect(await find('packages', without('nano'))).toMatchObject({ ok: true })
  expect((await find('packages', without('nano'))).hint).toContain('nano')
})
