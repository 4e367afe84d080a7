import { constants } from 'node:fs'
import { lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { fileOnNode, makeFolder, openOnNode } from './node-files.ts'
import { createFakeNode } from './testing/fake-node.ts'

const machine = {
  name: 'w-1',
  role: 'worker',
  address: '127.0.0.31',
  podCidr: '127.0.31.0/24',
} as const

test('makes folders and finds files below them', async () => {
  await using node = createFakeNode(machine)
  expect(await makeFolder(node, '/var/log/pods/a')).toBe(node.path('/var/log/pods/a'))
  expect((await lstat(node.path('/var/log/pods/a'))).isDirectory()).toBe(true)
  expect(await fileOnNode(node, '/var/log/pods/a/0.log')).toBe(node.path('/var/log/pods/a/0.log'))
})

test('a link that leads out of the node is refused', async () => {
  await using node = createFakeNode(machine)
  await symlink(tmpdir(), node.path('/var/log/pods'))
  await expect(makeFolder(node, '/var/log/pods/a')).rejects.toThrow(/leads out of the node/)
  await expect(fileOnNode(node, '/var/log/pods/0.log')).rejects.toThrow(/leads out of the node/)
})

test('a link in place of a file is not followed', async () => {
  await using node = createFakeNode(machine)
  await mkdir(node.path('/etc/m'))
  await writeFile(node.path('/etc/secret'), '')
  await symlink(node.path('/etc/secret'), node.path('/etc/m/a.yaml'))
  await expect(openOnNode(node, '/etc/m/a.yaml', constants.O_RDONLY)).rejects.toThrow(/ELOOP/)
})
