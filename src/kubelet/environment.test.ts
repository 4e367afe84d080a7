import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubePod } from '../kube/index.ts'
import { containerArgv, containerEnv, expand } from './environment.ts'

test('expands references as Kubernetes does', () => {
  const values = { A: '1', B: '$(A)' }
  expect(expand('$(A)-$(B)-$(C)', values)).toBe('1-$(A)-$(C)')
  expect(expand('$$(A) $$$(A) $A ${A} $(', values)).toBe('$(A) $1 $A ${A} $(')
})

test('text without a reference comes out as it went in', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const plain = text.replaceAll('$', '')
      expect(expand(plain, { A: '1' })).toBe(plain)
    }),
  )
})

const pod: KubePod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u-1', labels: { 'app/kind': 'x' } },
  spec: { containers: [] },
}
const place = { nodeName: 'w-1', hostIP: '172.30.0.21', podIP: '10.244.21.2' }

test('variables see those before them, and the Pod by fieldRef', () => {
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  })
  const env = containerEnv(
    pod,
    {
      name: 'main',
      env: [
        { name: 'A', value: 'a' },
        { name: 'B', value: '$(A)b$(LATER)' },
        { name: 'LATER', value: 'x' },
        field('NAME', 'metadata.name'),
        field('UID', 'metadata.uid'),
        field('IP', 'status.podIP'),
        field('HOST', 'status.hostIP'),
        field('NODE', 'spec.nodeName'),
        field('KIND', "metadata.labels['app/kind']"),
        { name: 'PATH', value: '/own' },
      ],
    },
    place,
  )
  expect(env).toMatchObject({
    A: 'a',
    B: 'ab$(LATER)',
    NAME: 'web-1',
    UID: 'u-1',
    IP: place.podIP,
    HOST: place.hostIP,
    NODE: 'w-1',
    KIND: 'x',
    PATH: '/own',
    HOSTNAME: 'web-1',
  })
})

test('command replaces entrypoint and arguments, args the arguments alone', () => {
  const image = { entrypoint: ['prog'], args: ['--default'] }
  expect(containerArgv({ name: 'c' }, image, {})).toEqual(['prog', '--default'])
  expect(containerArgv({ name: 'c', args: ['$(X)'] }, image, { X: '1' })).toEqual(['prog', '1'])
  expect(containerArgv({ name: 'c', command: ['sh'] }, image, {})).toEqual(['sh'])
  expect(containerArgv({ name: 'c', command: ['sh'], args: ['a'] }, image, {})).toEqual(['sh', 'a'])
})
