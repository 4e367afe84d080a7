import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRing } from './ring.ts'

test('holds exactly the last bytes, whatever the sizes of the pieces', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 20 }),
      (capacity, pieces) => {
        const ring = createRing(capacity)
        for (const piece of pieces) ring.push(piece)
        const all = Buffer.concat(pieces)
        expect(ring.end).toBe(all.length)
        expect(ring.start).toBe(Math.max(0, all.length - capacity))
        const held = new Uint8Array(ring.end - ring.start)
        ring.copy(ring.start, ring.end, held, 0)
        expect(Buffer.from(held)).toEqual(all.subarray(ring.start))
      },
    ),
  )
})

test('grows as it fills, without losing its beginning', () => {
  const ring = createRing(1024 * 1024)
  const piece = Buffer.alloc(10_000, 'a')
  for (let count = 0; count < 100; count++) ring.push(piece)
  expect([ring.start, ring.end]).toEqual([0, 1_000_000])
  ring.push(Buffer.alloc(100_000, 'b'))
  expect(ring.start).toBe(1_100_000 - 1024 * 1024)
  const target = new Uint8Array(4)
  ring.copy(999_998, 1_000_002, target, 0)
  expect(Buffer.from(target).toString()).toBe('aabb')
})

test('what is gone cannot be read', () => {
  const ring = createRing(4)
  ring.push(Buffer.from('abcdef'))
  expect(() => ring.copy(1, 3, new Uint8Array(2), 0)).toThrow(RangeError)
  expect(() => ring.copy(4, 7, new Uint8Array(3), 0)).toThrow(RangeError)
})
