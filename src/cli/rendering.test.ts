import fc from 'fast-check'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { bootProgress } from './boot-progress.ts'
import { age } from './commands/ls.ts'
import { reportFailure } from './failure.ts'
import { HalabError } from '../errors.ts'
import { restoreSequence, screenWatch } from './screen-modes.ts'
import { table } from './table.ts'

test('columns line up whatever their colours', () => {
  expect(
    table([
      ['\x1b[31mred\x1b[39m', 'x'],
      ['colourless', 'y'],
    ]),
  ).toBe('\x1b[31mred\x1b[39m         x\ncolourless  y')
})

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [7_200_000, '2h'],
  [172_800_000, '2d'],
])('%i ms are %s', (ms, text) => expect(age(ms)).toBe(text))

test('boot stages rewrite one line on a terminal and are lines elsewhere', () => {
  const plain = new PassThrough()
  const log = bootProgress(plain)
  log.stage('network', 78.4)
  log.end()
  expect(plain.read().toString()).toBe('    78 ms  network\n')

  const terminal = Object.assign(new PassThrough(), { isTTY: true })
  const line = bootProgress(terminal)
  line.stage('network', 78)
  line.stage('quorum', 840)
  line.end()
  expect(terminal.read().toString()).toMatch(/^\r\x1b\[K.*network\r\x1b\[K.*quorum\n$/s)
})

test.each([
  ['unknown-node', 2],
  ['bad-name', 2],
  ['name-taken', 2],
  ['lab-gone', 3],
  ['no-memory', 3],
  ['interrupted', 130],
])('%s exits %i', (code, status) => {
  const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  expect(reportFailure(new HalabError(code, 'm'), { ...io, json: false }, 'halab')).toBe(status)
})

test('the alternate screen is noticed however output is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('\x1b[?1049h', '\x1b[?1049l', 'text', '\x1b[?1049', 'é'), {
        maxLength: 12,
      }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
      (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''))
        const whole = bytes.toString('latin1')
        const watch = screenWatch()
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % cuts.length]!
          watch.see(bytes.subarray(at, at + length))
          at += length
        }
        const entered = whole.lastIndexOf('\x1b[?1049h')
        expect(watch.alternate).toBe(entered > whole.lastIndexOf('\x1b[?1049l'))
      },
    ),
  )
  expect(restoreSequence(true)).toContain('\x1b[?1049l')
  expect(restoreSequence(false)).not.toContain('1049')
})
