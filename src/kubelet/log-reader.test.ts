import { mkdir, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openContainerLog } from './container-log.ts'
import type { ContainerLog } from './container-log.ts'
import { readLog } from './log-reader.ts'
import type { LogRequest } from './log-reader.ts'
import { createFakeNode } from './testing/fake-node.ts'
import type { FakeNode } from './testing/fake-node.ts'

const FOLDER = '/var/log/pods/a'
const ALL: LogRequest = {
  follow: false,
  timestamps: false,
  tailLines: null,
  limitBytes: null,
  since: null,
}

async function nodeWithLog(rotateBytes?: number): Promise<[FakeNode, ContainerLog]> {
  const address = { address: '127.0.0.32', podCidr: '127.0.32.0/24' }
  const node = createFakeNode({ name: 'w-1', role: 'worker', ...address })
  await mkdir(node.path(FOLDER), { recursive: true })
  return [node, await openContainerLog(node, `${FOLDER}/0.log`, rotateBytes)]
}
async function read(
  node: FakeNode,
  log: ContainerLog,
  request: Partial<LogRequest> = {},
  signal = new AbortController().signal,
): Promise<string> {
  let text = ''
  for await (const part of readLog(node, log, { ...ALL, ...request }, signal))
    text += part.toString()
  return text
}

test('tails, limits and dates lines', async () => {
  const [node, log] = await nodeWithLog()
  await using _ = node
  for (const line of ['one', 'two', 'three']) log.write('stdout', Buffer.from(`${line}\n`))
  log.write('stderr', Buffer.from('cut off'))
  await log.end()
  expect(await read(node, log)).toBe('one\ntwo\nthree\ncut off\n')
  expect(await read(node, log, { tailLines: 2 })).toBe('three\ncut off\n')
  expect(await read(node, log, { tailLines: 0 })).toBe('')
  expect(await read(node, log, { tailLines: 99 })).toBe('one\ntwo\nthree\ncut off\n')
  expect(await read(node, log, { limitBytes: 5 })).toBe('one\nt')
  expect(await read(node, log, { since: Date.now() + 60_000 })).toBe('')
  expect(await read(node, log, { timestamps: true, tailLines: 1 })).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z cut off\n$/,
  )
})

test('follows over a rotation until the container ends', async () => {
  const [node, log] = await nodeWithLog(400)
  await using _ = node
  const following = read(node, log, { follow: true })
  const lines = Array.from({ length: 40 }, (_each, index) => `line ${index}\n`)
  for (const line of lines) {
    log.write('stdout', Buffer.from(line))
    // Each line is a write of its own, so that files rotate between them.
    await new Promise<void>((resolve) => {
      const unlisten = log.onChange(() => {
        unlisten()
        resolve()
      })
    })
  }
  await log.end()
  const text = await following
  expect(text.endsWith(lines.at(-1) ?? '')).toBe(true)
  expect((await readdir(node.path(FOLDER))).length).toBe(2)
})

test('following ends with the reader', async () => {
  const [node, log] = await nodeWithLog()
  await using _ = node
  const gone = new AbortController()
  const following = read(node, log, { follow: true }, gone.signal)
  gone.abort()
  expect(await following).toBe('')
  await log.end()
})
