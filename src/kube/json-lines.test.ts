import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLines } from './json-lines.ts'
import { collect } from './testing/collect.ts'

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]) {
  let start = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield bytes.subarray(start, cut)
    start = cut
  }
  yield bytes.subarray(start)
}

test('however the bytes are cut, the same values come out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), n: fc.integer() })),
      fc.array(fc.nat()),
      async (values, cuts) => {
        const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
        const within = cuts.map((cut) => cut % (bytes.length + 1))
        expect(await collect(jsonLines(inPieces(bytes, within)))).toEqual(values)
      },
    ),
  )
})

test('a line that was cut off is dropped', async () => {
  const cutOff = inPieces(Buffer.from('{"a":1}\n{"b":'), [])
  expect(await collect(jsonLines(cutOff))).toEqual([{ a: 1 }])
})
