import { expect, test } from 'vitest'
import { nodeObject, nodeStatus, statusDiffers } from './node-object.ts'
import type { NodeFacts } from './node-object.ts'

const facts: NodeFacts = {
  cpus: 2,
  memoryBytes: 4 * 1024 ** 3,
  diskBytes: 1024 ** 3,
  kernelVersion: '6.18',
  osImage: 'Debian',
  architecture: 'amd64',
  bootId: 'b-1',
  labels: { zone: 'a' },
}
const machine = {
  name: 'cp-1',
  role: 'control-plane',
  address: '172.30.0.11',
  podCidr: '10.244.11.0/24',
} as const
const now = new Date('2026-11-21T08:00:00Z')

test('control planes register with their taint, workers with none, neither with the role label', () => {
  const plane = nodeObject(machine, facts, now)
  expect(plane.spec?.taints).toEqual([
    { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
  ])
  // NodeRestriction would refuse the whole Node.
  expect(Object.keys(plane.metadata?.labels ?? {}).join()).not.toContain('node-role')
  expect(nodeObject({ ...machine, role: 'worker' }, facts, now).spec?.taints).toBeUndefined()
})

test('heartbeats alone are no difference; what the node controller wrote is', () => {
  const status = nodeStatus(machine, facts, [], now)
  const conditions = status.conditions ?? []
  const later = nodeStatus(machine, facts, conditions, new Date('2026-11-21T09:00:00Z'))
  expect(statusDiffers(status, later)).toBe(false)
  expect(later.conditions?.[3]).toMatchObject({
    type: 'Ready',
    lastHeartbeatTime: '2026-11-21T09:00:00Z',
    lastTransitionTime: '2026-11-21T08:00:00Z',
  })
  const unknown = conditions.map((condition) => ({ ...condition, status: 'Unknown' }))
  expect(statusDiffers({ ...status, conditions: unknown }, status)).toBe(true)
  expect(statusDiffers(undefined, status)).toBe(true)
})
