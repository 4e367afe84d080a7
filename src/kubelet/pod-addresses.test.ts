import fc from 'fast-check'
import { expect, test } from 'vitest'
import { podAddresses } from './pod-addresses.ts'

test('begins after the bridge, goes round, and ends with a clear error', () => {
  const addresses = podAddresses('10.244.11.0/24')
  expect(addresses.take()).toBe('10.244.11.2')
  addresses.release('10.244.11.2')
  expect(addresses.take()).toBe('10.244.11.3')
  for (let taken = 1; taken < 253; taken++) addresses.take()
  expect(() => addresses.take()).toThrow(/all addresses/)
  addresses.release('10.244.11.77')
  expect(addresses.take()).toBe('10.244.11.77')
})

test('never gives an address that is in use', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20)), { maxLength: 300 }), (steps) => {
      const addresses = podAddresses('10.244.1.0/24')
      const used: string[] = []
      for (const release of steps) {
        if (release === null || used.length === 0) {
          if (used.length === 253) continue
          const address = addresses.take()
          expect(used).not.toContain(address)
          used.push(address)
        } else {
          for (const freed of used.splice(release % used.length, 1)) addresses.release(freed)
        }
      }
    }),
  )
})

test('refuses other ranges', () => {
  expect(() => podAddresses('10.0.0.0/16')).toThrow(/must be a \/24/)
})
