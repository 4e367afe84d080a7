import { expect, test } from 'vitest'
import { isManifestName, staticPod } from './manifest.ts'

const text = `
apiVersion: v1
kind: Pod
metadata: { name: etcd, namespace: kube-system }
spec:
  containers: [{ name: etcd, image: 'registry.k8s.io/etcd:1', livenessProbe: { httpGet: { port: 1 } } }]
`
const read = (content: string) => staticPod(content, '/m/etcd.yaml', 'cp-1')

test('a static Pod is named after its node and its contents', () => {
  const pod = read(text)
  expect(pod.metadata).toMatchObject({ name: 'etcd-cp-1', namespace: 'kube-system' })
  expect(pod.metadata?.annotations).toEqual({
    'kubernetes.io/config.hash': pod.metadata?.uid,
    'kubernetes.io/config.source': 'file',
  })
  expect(pod.spec).toMatchObject({
    nodeName: 'cp-1',
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
  })
  expect(pod.spec?.containers[0]?.livenessProbe?.httpGet).toMatchObject({
    path: '/',
    scheme: 'HTTP',
  })
})

test('a comment does not make another Pod; a changed flag, another node do', () => {
  const { uid } = read(text).metadata ?? {}
  expect(read(`# note${text}`).metadata?.uid).toBe(uid)
  expect(read(text.replace(':1', ':2')).metadata?.uid).not.toBe(uid)
  expect(staticPod(text, '/m/etcd.yaml', 'cp-2').metadata?.uid).not.toBe(uid)
})

test.each([
  ['kind: [', /not a static Pod/],
  ['', /holds no object/],
  ['apiVersion: apps/v1\nkind: Deployment', /it is apps\/v1 Deployment/],
  ['apiVersion: v1\nkind: Pod\nmetadata: {name: ../../x}', /metadata.name/],
  ['apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}', /spec.containers is empty/],
  [text.replace('image:', 'imagine:'), /containers\[0\].image is missing/],
  [text.replace('image:', 'args: [1], image:'), /args must be a list of strings/],
])('%j is refused with its path', (content, message) => {
  expect(() => read(content)).toThrow(message)
})

test.each(['.etcd.yaml.swp', 'etcd.yaml~', '4913', '.hidden', 'etcd.yaml.swx', 'a.tmp'])(
  '%s is no manifest',
  (name) => expect(isManifestName(name)).toBe(false),
)
test('files of any ending are manifests, as for a kubelet', () => {
  expect(isManifestName('etcd.yaml')).toBe(true)
  expect(isManifestName('etcd')).toBe(true)
})
