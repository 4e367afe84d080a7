import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Evidence } from '../wire/evidence.ts'
import { openEvidenceLog } from './evidence-log.ts'

let folder: string
let now = 0
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hl-log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const path = () => join(folder, 'evidence.jsonl')
const open = () => openEvidenceLog(path(), { now: () => (now += 10) })

async function all(lines: AsyncIterable<Evidence>): Promise<Evidence[]> {
  const found: Evidence[] = []
  for await (const line of lines) found.push(line)
  return found
}

test('lines are numbered from 1, carry the epoch, and are read back as they were told', async () => {
  using log = open()
  const told: Evidence[] = []
  log.follow((line) => told.push(line))
  log.append({ kind: 'lab', state: 'booting' })
  log.append({ kind: 'lab', state: 'ready' })
  log.nextEpoch()
  log.append({ kind: 'answer', task: 'holder', value: 'cp-1\n"quoted"' })
  expect(told.map(({ n, epoch }) => [n, epoch])).toEqual([
    [1, 1],
    [2, 1],
    [3, 2],
  ])
  expect(await all(log.read())).toEqual(told)
  expect(await all(log.read(3))).toEqual(told.slice(2))
})

test('what was appended is in the archive once the log is closed', async () => {
  {
    using log = open()
    for (let i = 0; i < 1000; i += 1) log.append({ kind: 'lab', state: 'ready', stage: String(i) })
  }
  const lines = (await readFile(path(), 'utf8')).trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as Evidence).n)).toEqual(lines.map((_, i) => i + 1))
  expect(lines).toHaveLength(1000)
})

test('a follower that stopped hears no more', () => {
  using log = open()
  let heard = 0
  const stop = log.follow(() => (heard += 1))
  log.append({ kind: 'lab', state: 'ready' })
  stop()
  log.append({ kind: 'lab', state: 'ended' })
  expect(heard).toBe(1)
})
