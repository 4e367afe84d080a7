import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadGrader, loadLab, loadLabs } from './load.ts'

const GOOD = `{
  id: 'good', title: 'Good', module: 'start', minutes: 5,
  topology: { controlPlanes: 3, workers: 2, etcd: 'stacked', balancers: 1 },
  setup: async () => {}, engines: ['namespaces'],
  tasks: [{ id: 'one', title: 'One', points: 1, kind: 'do', hints: { '*': ['Look.'] } }],
}`
let root: string

async function lab(id: string, source: string): Promise<void> {
  await mkdir(join(root, 'labs', id), { recursive: true })
  await writeFile(join(root, 'labs', id, 'lab.ts'), source)
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'halab-labs-'))
  await lab('good', `export const lab = ${GOOD}`)
  await lab(
    'typo',
    `export const lab = ${GOOD.replace("'good'", "'typo'").replace('minutes', 'minuts')}`,
  )
  await lab(
    'extra',
    `export const lab = ${GOOD.replace("'good'", "'extra'").replace("'*': ['Look.']", "'*': 'Look.'")}`,
  )
  await lab('renamed', `export const lab = ${GOOD}`)
  await lab('throws', `throw new Error('at import')`)
  await lab('empty', `export const something = 1`)
  await lab(
    'four',
    `export const lab = ${GOOD.replace("'good'", "'four'").replace('controlPlanes: 3', 'controlPlanes: 4')}`,
  )
  await mkdir(join(root, 'graders'))
  await writeFile(
    join(root, 'graders/good.ts'),
    `export const grader = { lab: 'good', tasks: { two: () => {} } }`,
  )
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe('loadLabs', () => {
  it('reports each broken lab with its file and path, and keeps the others', async () => {
    const { labs, broken } = await loadLabs(root)
    expect(labs.map(({ spec }) => spec.id)).toEqual(['good'])
    const found = Object.fromEntries(broken.map((each) => [each.id, each]))
    expect(found['typo']?.path).toMatch(/minut/)
    expect(found['extra']?.path).toBe('tasks[0].hints.*')
    expect(found['four']?.path).toBe('topology.controlPlanes')
    expect(found['renamed']).toMatchObject({ path: 'id', file: 'labs/renamed/lab.ts' })
    expect(found['throws']?.message).toBe('at import')
    expect(found['empty']?.message).toBe('does not export `lab`')
    for (const each of broken) expect(each.hint).not.toBe('')
  })
})

describe('loadLab', () => {
  it('names the labs there are when it is asked for another', async () => {
    await expect(loadLab(root, 'nope')).rejects.toMatchObject({
      code: 'unknown-lab',
      hint: 'The labs are good.',
    })
    await expect(loadLab(root, '../good')).rejects.toMatchObject({ code: 'unknown-lab' })
  })
  it('says where a broken lab is broken', async () => {
    await expect(loadLab(root, 'four')).rejects.toMatchObject({ code: 'lab-broken' })
    await expect(loadLab(root, 'four')).rejects.toThrow('topology.controlPlanes')
  })
})

describe('loadGrader', () => {
  it('wants a check for each task of the lab and for no other', async () => {
    await expect(loadGrader(root, 'good')).rejects.toThrow(
      'no check for one; checks for unknown tasks two',
    )
  })
})
