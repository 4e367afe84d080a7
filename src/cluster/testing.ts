/** Arbitraries for property tests of this folder. */
import fc from 'fast-check'
import type { Topology } from '../wire/lab.ts'

export const topologies: fc.Arbitrary<Topology> = fc.record({
  controlPlanes: fc.constantFrom(1, 2, 3, 5),
  workers: fc.integer({ min: 0, max: 9 }),
  etcd: fc.constantFrom('stacked', 'external'),
  balancers: fc.constantFrom(1, 2),
})

export const THREE_AND_TWO: Topology = {
  controlPlanes: 3,
  workers: 2,
  etcd: 'stacked',
  balancers: 1,
}
