import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** Everything that `lab` may load, by following its imports, those at run time included. */
function loadedBy(file: string, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(file)) return seen
  const source = readFileSync(file, 'utf8').replace(/^import type .*$/gm, '')
  const specifiers = [
    ...source.matchAll(/(?:^import[^'"]*?|^export[^'"]*? from |import\()['"]([^'"]+)['"]/gm),
  ]
  const targets = specifiers.map(([, specifier = '']) => specifier)
  seen.set(file, targets)
  for (const target of targets) {
    if (target.startsWith('.')) loadedBy(resolve(dirname(file), target), seen)
  }
  return seen
}

test('lab loads no package: nodes see the sources and no node_modules', () => {
  const loaded = loadedBy(fileURLToPath(new URL('lab.ts', import.meta.url)))
  expect([...loaded.keys()].some((file) => file.endsWith('commands/check.ts'))).toBe(true)
  const packages = [...loaded.values()]
    .flat()
    .filter((target) => !target.startsWith('.') && !target.startsWith('node:'))
  expect(packages).toEqual([])
})
