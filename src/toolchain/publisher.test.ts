import { expect, test } from 'vitest'
import { assetOf, parseChecksum } from './publisher.ts'
import { binaryNames, fill, upstreamOf, upstreams } from './versions.ts'

const sum = 'a'.repeat(64)
const other = 'b'.repeat(64)

test('both kinds of checksum file are read', () => {
  expect(parseChecksum(sum, 'kubectl')).toBe(sum)
  expect(parseChecksum(`${sum.toUpperCase()}\n`, 'kubectl')).toBe(sum)
  expect(parseChecksum(`${other}  a.zip\n${sum}  a.tar.gz\n`, 'a.tar.gz')).toBe(sum)
  expect(parseChecksum(`${sum} *a.tar.gz\n`, 'a.tar.gz')).toBe(sum)
})

test('a page that is no checksum file gives none', () => {
  expect(parseChecksum('<html>Please log in</html>', 'kubectl')).toBeNull()
  expect(parseChecksum(`${sum}  other-file\n`, 'kubectl')).toBeNull()
})

test('files are asked for where their publishers put them', () => {
  const kubectl = assetOf(upstreamOf('kubectl'), 'kubectl', 'arm64', {})
  const { version } = upstreamOf('kubectl')
  expect(kubectl.url).toBe(`https://dl.k8s.io/release/v${version}/bin/linux/arm64/kubectl`)
  expect(kubectl.checksumsUrl).toBe(`${kubectl.url}.sha256`)
  const etcdctl = assetOf(upstreamOf('etcdctl'), 'etcdctl', 'amd64', {})
  expect(etcdctl.fileName).toBe(`etcd-v${upstreamOf('etcd').version}-linux-amd64.tar.gz`)
  expect(etcdctl.member).toMatch(/-linux-amd64\/etcdctl$/)
})

test('a mirror takes the place of the publisher', () => {
  const mirror = { HALAB_MIRROR_KUBERNETES: 'http://mirror.example/k8s/' }
  const { url } = assetOf(upstreamOf('kubectl'), 'kubectl', 'amd64', mirror)
  expect(url).toMatch(/^http:\/\/mirror\.example\/k8s\/v1\./)
})

test('a pin wins over what the publisher says', () => {
  const etcd = upstreamOf('etcd')
  const pinned = {
    ...etcd,
    pins: { ...etcd.pins, amd64: { 'etcd-v3.6.16-linux-amd64.tar.gz': sum } },
  }
  expect(assetOf({ ...pinned, version: '3.6.16' }, 'etcd', 'amd64', {}).pin).toBe(sum)
})

test('every program has one project, and patterns leave nothing unfilled', () => {
  expect(new Set(binaryNames).size).toBe(binaryNames.length)
  for (const upstream of upstreams)
    for (const pattern of [
      upstream.download.file,
      upstream.download.checksums,
      ...upstream.ldflags,
    ])
      expect(fill(pattern, upstream, 'amd64', 'x')).not.toMatch(/[{}]/)
  expect(() => upstreamOf('kubelet')).toThrow('none of halab')
})
