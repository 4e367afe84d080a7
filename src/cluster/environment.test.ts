import { expect, test } from 'vitest'
import { nodeEnvironment } from './environment.ts'
import { goldenKey } from './golden-key.ts'
import { layout } from './layout.ts'
import { THREE_AND_TWO } from './testing.ts'
import { unitsOf } from './units.ts'
import type { Topology } from '../wire/lab.ts'

function node(name: string, topology: Topology = THREE_AND_TWO) {
  return layout(topology).find((one) => one.name === name)!
}

test('the learner is learner on the workstation and root elsewhere', () => {
  expect(nodeEnvironment(node('workstation'), THREE_AND_TWO)).toMatchObject({
    USER: 'learner',
    HOME: '/home/learner',
    KUBECONFIG: '/home/learner/.kube/config',
  })
  expect(nodeEnvironment(node('lb-1'), THREE_AND_TWO)).toMatchObject({
    USER: 'root',
    HOME: '/root',
  })
  expect(nodeEnvironment(node('lb-1'), THREE_AND_TWO)).not.toHaveProperty('KUBECONFIG')
})

test('etcdctl is set up where a member runs', () => {
  const external: Topology = { ...THREE_AND_TWO, etcd: 'external' }
  const variable = 'ETCDCTL_ENDPOINTS'
  expect(nodeEnvironment(node('cp-1'), THREE_AND_TWO)).toHaveProperty(variable)
  expect(nodeEnvironment(node('cp-1', external), external)).not.toHaveProperty(variable)
  expect(nodeEnvironment(node('etcd-3', external), external)).toHaveProperty(variable)
})

test('units are what is no static Pod', () => {
  const two: Topology = { controlPlanes: 3, workers: 1, etcd: 'external', balancers: 2 }
  const names = (name: string, topology: Topology) =>
    unitsOf(node(name, topology), { topology }).map((unit) => unit.name)
  expect(names('lb-1', THREE_AND_TWO)).toEqual(['haproxy'])
  expect(names('lb-2', two)).toEqual(['haproxy', 'keepalived'])
  expect(names('etcd-1', two)).toEqual(['etcd'])
  expect(names('cp-1', two)).toEqual([])
})

test('the golden key is the same for everybody', () => {
  expect(goldenKey()).toMatch(/^[0-9a-f]{16}$/)
  expect(goldenKey()).toBe(goldenKey())
})
