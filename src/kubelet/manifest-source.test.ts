import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { expect, test, vi } from 'vitest'
import { MANIFESTS } from '../cluster/facts.ts'
import { nodeActivity } from './activity.ts'
import { openJournal, KUBELET_LOG } from './journal.ts'
import { watchManifests } from './manifest-source.ts'
import { createFakeNode } from './testing/fake-node.ts'

const manifest = (word: string) => `apiVersion: v1
kind: Pod
metadata: { name: a }
spec: { containers: [{ name: a, image: '${word}' }] }
`

async function watched() {
  const address = { address: '127.0.0.33', podCidr: '127.0.33.0/24' }
  const node = createFakeNode({ name: 'cp-1', role: 'control-plane', ...address })
  await mkdir(node.path(MANIFESTS), { recursive: true })
  const file = node.path(`${MANIFESTS}/a.yaml`)
  await writeFile(file, manifest('one'))
  const seen: string[] = []
  const journal = openJournal(node)
  const source = await watchManifests({
    node,
    activity: nodeActivity(node),
    journal,
    rescanMs: 60_000,
    onPods: (pods) =>
      seen.push([...pods.values()].map((pod) => pod.spec?.containers[0]?.image).join()),
  })
  return { node, file, seen, journal, source }
}

test('sees additions, edits and removals by inotify, each once', async () => {
  const { node, file, seen, source } = await watched()
  await using _node = node
  using _source = source
  expect(seen).toEqual(['one'])
  await writeFile(file, manifest('two'))
  await vi.waitFor(() => expect(seen).toEqual(['one', 'two']))
  // vim: 4913, the old file to its backup, the new file in place, the backup away.
  await writeFile(node.path(`${MANIFESTS}/4913`), '')
  await rename(file, `${file}~`)
  await writeFile(file, manifest('three'))
  await rm(`${file}~`)
  await rm(node.path(`${MANIFESTS}/4913`))
  await vi.waitFor(() => expect(seen).toEqual(['one', 'two', 'three']))
  // sed -i and editors that replace by rename
  await writeFile(node.path(`${MANIFESTS}/.new`), manifest('four'))
  await rename(node.path(`${MANIFESTS}/.new`), file)
  await vi.waitFor(() => expect(seen.at(-1)).toBe('four'))
  await rm(file)
  await vi.waitFor(() => expect(seen.at(-1)).toBe(''))
  expect(seen).toHaveLength(5)
})

test('a broken file is told in the journal and does not disturb others', async () => {
  const { node, seen, journal, source } = await watched()
  await using _node = node
  using _source = source
  await writeFile(node.path(`${MANIFESTS}/b.yaml`), 'kind: [')
  await vi.waitFor(async () => {
    await journal.flush()
    expect(await readFile(node.path(KUBELET_LOG), 'utf8')).toContain('b.yaml is not a static Pod')
  })
  await writeFile(node.path(`${MANIFESTS}/c.yaml`), manifest('c'))
  await vi.waitFor(() => expect(seen.at(-1)).toBe('one,c'))
})

test('a frozen node reads nothing until it thaws', async () => {
  const { node, file, seen, source } = await watched()
  await using _node = node
  using _source = source
  await node.freeze()
  await writeFile(file, manifest('two'))
  const scan = source.rescan()
  expect(seen).toEqual(['one'])
  await node.thaw()
  await scan
  expect(seen).toEqual(['one', 'two'])
})
