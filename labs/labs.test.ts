import { join } from 'node:path'
import { expect, it } from 'vitest'
import { solutionOf, wrongAttemptsOf } from '../src/grading/gate/attempts.ts'
import { loadGrader, loadLabs } from '../src/grading/load.ts'

const root = join(import.meta.dirname, '..')
const { labs, broken } = await loadLabs(root)

it('has no broken lab', () => {
  expect(broken).toEqual([])
  expect(labs.length).toBeGreaterThan(0)
})

it.each(labs.map((lab) => [lab.spec.id, lab] as const))('%s is whole', async (id, lab) => {
  await expect(loadGrader(root, id)).resolves.toMatchObject({ lab: id })
  await solutionOf(lab)
  const wrong = await wrongAttemptsOf(lab)
  expect(wrong.length).toBeGreaterThanOrEqual(3)
  for (const task of lab.spec.tasks) {
    expect(task.hints, `${task.id} needs hints for what has no code of its own`).toHaveProperty('*')
  }
  for (const { task, code } of wrong) {
    expect(lab.spec.tasks.find((each) => each.id === task)?.hints).toHaveProperty([code])
  }
})
