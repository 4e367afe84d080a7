import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame, FRAME } from './codec.ts'

const type = fc.constantFrom(...Object.values(FRAME))
const offset = fc.nat({ max: Number.MAX_SAFE_INTEGER })

test('every frame comes back as it went, also from the middle of a larger buffer', () => {
  fc.assert(
    fc.property(type, offset, fc.uint8Array({ maxLength: 200 }), fc.nat(20), (t, o, p, lead) => {
      const bytes = encodeFrame(t, o, p)
      const larger = new Uint8Array(bytes.length + lead)
      larger.set(bytes, lead)
      expect(decodeFrame(larger.subarray(lead))).toEqual({ type: t, offset: o, payload: p })
    }),
  )
})

test('anything else is a frame or a typed error, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        const { type, offset, payload } = decodeFrame(bytes)
        expect(encodeFrame(type, offset, payload)).toEqual(bytes)
      } catch (error) {
        expect(error).toMatchObject({ name: 'HalabError', code: 'bad-frame' })
      }
    }),
  )
})

test('offsets that a number cannot hold are refused on both ways', () => {
  const bytes = new Uint8Array(9).fill(0xff)
  bytes[0] = FRAME.ack
  expect(() => decodeFrame(bytes)).toThrow(/offset/)
  for (const bad of [-1, 1.5, NaN, 2 ** 53])
    expect(() => encodeFrame(FRAME.ack, bad)).toThrow(/offset/)
})

test('bytes stay bytes: a character split across frames is whole again at the other end', () => {
  const text = Buffer.from('Zürich → 東京 🙂')
  const halves = [...text].map((byte, at) => encodeFrame(FRAME.output, at, Uint8Array.of(byte)))
  const joined = Buffer.concat(halves.map((frame) => decodeFrame(frame).payload))
  expect(joined.toString()).toBe('Zürich → 東京 🙂')
})
