import { expect, test } from 'vitest'
import { knownImages, repositoryOf } from './images.ts'

test.each([
  ['registry.k8s.io/etcd:3.6.16-0', 'registry.k8s.io/etcd'],
  ['host:5000/a/b', 'host:5000/a/b'],
  ['host:5000/a/b:1@sha256:abc', 'host:5000/a/b'],
  ['nginx', 'nginx'],
])('the repository of %s is %s', (image, repository) => {
  expect(repositoryOf(image)).toBe(repository)
})

test('knows the control plane and the web server by any tag, and nothing else', () => {
  const images = knownImages('/programs')
  expect(images('registry.k8s.io/kube-apiserver:v9')?.entrypoint).toEqual(['kube-apiserver'])
  expect(images('halab.dev/web:2')?.entrypoint).toEqual(['/programs/halab-web'])
  expect(images('example.org/registry.k8s.io/etcd:1')).toBeNull()
  expect(images('nginx')).toBeNull()
})
