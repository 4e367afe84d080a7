import { expect, test } from 'vitest'
import { installCommand, missingPackages, systemPackages } from './system-packages.ts'

test('nothing is missing where every program is', () => {
  expect(missingPackages(['lab', 'learner', 'test'], () => true)).toEqual([])
})

test('each package is missed by itself', () => {
  for (const { name, use, files } of systemPackages) {
    const gone = new Set(files[0])
    const missing = missingPackages(['lab', 'learner', 'test'], (path) => !gone.has(path))
    expect(missing.map((each) => each.name)).toContain(name)
    expect(missing.every((each) => each.use === use || each.files[0] !== files[0])).toBe(true)
  }
})

test('only what was asked for is missed', () => {
  expect(missingPackages(['lab'], () => false).map(({ use }) => use)).not.toContain('test')
  expect(missingPackages(['lab'], () => false)[0]?.name).toBe('bubblewrap')
})

test('the command is the one to type', () => {
  expect(installCommand(systemPackages.slice(0, 2))).toBe(
    'sudo apt-get install -y bubblewrap iproute2',
  )
})
