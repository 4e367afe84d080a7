import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LOG_LINE_MAX_BYTES } from './limits.ts'
import { criFormatter, nanoTime, parseCriLine } from './log-line.ts'

const TIME = '2026-11-21T08:00:00.000000000Z'

function parseAll(bytes: Buffer) {
  const lines = bytes.toString('latin1').split('\n').slice(0, -1)
  return lines.map((line) => parseCriLine(Buffer.from(line, 'latin1')))
}

test('whatever a stream writes, in whatever pieces, can be read back', () => {
  const output = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constant(Buffer.alloc(LOG_LINE_MAX_BYTES + 10, 'x')),
    fc.constant(Buffer.from('line\n')),
  )
  fc.assert(
    fc.property(fc.array(output), (chunks) => {
      const formatter = criFormatter('stdout')
      const parts = chunks.map((chunk) => formatter.push(Buffer.from(chunk), TIME))
      const lines = parseAll(Buffer.concat([...parts, formatter.end(TIME)]))
      const text = lines.map((line) =>
        Buffer.concat([line?.content ?? Buffer.alloc(0), Buffer.from(line?.partial ? '' : '\n')]),
      )
      const written = Buffer.concat(chunks)
      const whole =
        written.length === 0 || written.at(-1) === 0x0a
          ? written
          : Buffer.concat([written, Buffer.from('\n')])
      expect(Buffer.concat(text).equals(whole)).toBe(true)
    }),
  )
})

test('the form is CRI’s', () => {
  const formatter = criFormatter('stderr')
  expect(formatter.push(Buffer.from('a\nb'), TIME).toString()).toBe(`${TIME} stderr F a\n`)
  expect(formatter.end(TIME).toString()).toBe(`${TIME} stderr F b\n`)
  expect(nanoTime(Date.UTC(2026, 10, 21, 8) + 0.25)).toBe('2026-11-21T08:00:00.000250000Z')
})

test('what is no CRI line is not taken for one', () => {
  expect(parseCriLine(Buffer.from('hello world'))).toBeNull()
  expect(parseCriLine(Buffer.from('a b c d'))).toBeNull()
})
