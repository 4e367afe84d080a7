import fc from 'fast-check'
import { expect, test } from 'vitest'
import { etcdRestoreArgs, initialCluster, initialClusterFlag } from './etcd.ts'
import { etcdNodes, extraAddresses, layout, podCidr } from './layout.ts'
import { THREE_AND_TWO, topologies } from './testing.ts'

test('three control planes and two workers lie where the lessons say', () => {
  expect(layout(THREE_AND_TWO).map(({ name, address }) => `${name} ${address}`)).toEqual([
    'workstation 172.30.0.2',
    'lb-1 172.30.0.8',
    'cp-1 172.30.0.11',
    'cp-2 172.30.0.12',
    'cp-3 172.30.0.13',
    'w-1 172.30.0.21',
    'w-2 172.30.0.22',
  ])
})

test('no two nodes share a name, an address or a Pod range', () => {
  fc.assert(
    fc.property(topologies, (topology) => {
      const nodes = layout(topology)
      const addresses = nodes.flatMap((node) => [
        node.address,
        ...extraAddresses(node.name, topology),
      ])
      expect(new Set(nodes.map((node) => node.name)).size).toBe(nodes.length)
      expect(new Set(addresses).size).toBe(addresses.length)
      expect(new Set(nodes.map((node) => podCidr(node.address))).size).toBe(nodes.length)
    }),
  )
})

test('the endpoint belongs to a single balancer, and to neither of two', () => {
  expect(extraAddresses('lb-1', THREE_AND_TWO)).toEqual(['172.30.0.10'])
  expect(extraAddresses('lb-1', { ...THREE_AND_TWO, balancers: 2 })).toEqual([])
  expect(extraAddresses('cp-1', THREE_AND_TWO)).toEqual([])
})

test('etcd runs on the control planes, or on three hosts of its own', () => {
  expect(etcdNodes(THREE_AND_TWO).map(({ name }) => name)).toEqual(['cp-1', 'cp-2', 'cp-3'])
  const external = { ...THREE_AND_TWO, etcd: 'external' as const }
  expect(initialClusterFlag(external)).toBe(
    'etcd-1=https://172.30.0.31:2380,etcd-2=https://172.30.0.32:2380,etcd-3=https://172.30.0.33:2380',
  )
})

test('a restore names the member as the whole cluster knows it', () => {
  fc.assert(
    fc.property(topologies, (topology) => {
      for (const { name, peerUrl } of initialCluster(topology)) {
        const args = etcdRestoreArgs(name, topology, '/golden.db')
        expect(args.slice(0, 3)).toEqual(['snapshot', 'restore', '/golden.db'])
        expect(args).toContain(`--initial-advertise-peer-urls=${peerUrl}`)
        expect(args).toContain(`--initial-cluster=${initialClusterFlag(topology)}`)
      }
    }),
  )
  expect(() => etcdRestoreArgs('w-1', THREE_AND_TWO, '/golden.db')).toThrow('w-1 is no etcd member')
})
