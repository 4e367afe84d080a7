import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frame, frameReader, MAX_FRAME_BYTES } from './protocol.ts'

test('frames arrive whole and in order, however the bytes were cut', () => {
  const frames = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 8 }), fc.uint8Array({ maxLength: 300 })),
  )
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 50 }), (sent, cut) => {
      const bytes = Buffer.concat(sent.map(([type, payload]) => frame(type, payload)))
      const got: [number, Uint8Array][] = []
      const read = frameReader((type, payload) => got.push([type, Uint8Array.from(payload)]))
      for (let i = 0; i < bytes.length; i += cut) read(bytes.subarray(i, i + cut))
      expect(got).toEqual(sent.map(([type, payload]) => [type, Uint8Array.from(payload)]))
    }),
  )
})

test('a frame that claims to be huge is refused before anything is kept', () => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(MAX_FRAME_BYTES + 1, 1)
  expect(() => frameReader(() => undefined)(head)).toThrow('too large')
})
