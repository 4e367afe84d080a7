import { X509Certificate } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { clusterFiles } from './files.ts'
import type { ClusterFiles } from './spec.ts'
import { THREE_AND_TWO } from './testing.ts'

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
const PKI = '/etc/kubernetes/pki'

let files: ClusterFiles
let external: ClusterFiles
beforeAll(async () => {
  files = await clusterFiles({ topology: THREE_AND_TWO })
  external = await clusterFiles({
    topology: { controlPlanes: 2, workers: 0, etcd: 'external', balancers: 2 },
  })
})

function text(node: string, path: string, from = files): string {
  const file = from.nodes.get(node)?.get(path)
  if (!file) throw new Error(`${node} has no ${path}`)
  return file.content
}
function certificate(node: string, name: string, from = files): X509Certificate {
  return new X509Certificate(text(node, `${PKI}/${name}.crt`, from))
}
function paths(node: string, from = files): string[] {
  return [...(from.nodes.get(node)?.keys() ?? [])]
}

test.each([
  ['apiserver', 'ca', 'CN=kube-apiserver', [SERVER_AUTH]],
  [
    'apiserver-kubelet-client',
    'ca',
    'O=kubeadm:cluster-admins\nCN=kube-apiserver-kubelet-client',
    [CLIENT_AUTH],
  ],
  ['apiserver-etcd-client', 'etcd/ca', 'CN=kube-apiserver-etcd-client', [CLIENT_AUTH]],
  ['front-proxy-client', 'front-proxy-ca', 'CN=front-proxy-client', [CLIENT_AUTH]],
  ['etcd/server', 'etcd/ca', 'CN=cp-2', [SERVER_AUTH, CLIENT_AUTH]],
  ['etcd/peer', 'etcd/ca', 'CN=cp-2', [SERVER_AUTH, CLIENT_AUTH]],
  ['etcd/healthcheck-client', 'etcd/ca', 'CN=kube-etcd-healthcheck-client', [CLIENT_AUTH]],
])('%s is signed by %s, for its use', (name, authority, subject, usages) => {
  const leaf = certificate('cp-2', name)
  const issuer = certificate('cp-2', authority)
  expect(issuer.ca).toBe(true)
  expect(leaf.ca).toBe(false)
  expect(leaf.checkIssued(issuer)).toBe(true)
  expect(leaf.verify(issuer.publicKey)).toBe(true)
  expect(leaf.subject).toBe(subject)
  expect(leaf.keyUsage).toEqual(usages)
  expect(text('cp-2', `${PKI}/${name}.key`)).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
})

test('a leaf is valid for 30 days, from a little before now', () => {
  const { validFromDate, validToDate } = certificate('cp-1', 'apiserver')
  expect(Date.now() - validFromDate.getTime()).toBeGreaterThan(4 * 60_000)
  expect(validToDate.getTime() - Date.now()).toBeGreaterThan(29 * 86_400_000)
})

test('an API server may be called by every name and address it has in a lab', () => {
  const cert = certificate('cp-3', 'apiserver')
  const names = [
    'cp-3',
    'lb',
    'lb-1',
    'kubernetes',
    'kubernetes.default.svc.cluster.local',
    'localhost',
  ]
  for (const name of names) expect(cert.checkHost(name), name).toBe(name)
  const addresses = ['172.30.0.13', '172.30.0.10', '172.30.0.8', '10.96.0.1', '127.0.0.1']
  for (const address of addresses) expect(cert.checkIP(address), address).toBe(address)
  expect(cert.checkHost('cp-1')).toBeUndefined()
})

test('authorities and token keys are shared, everything else is per member', () => {
  const shared = ['ca.crt', 'ca.key', 'front-proxy-ca.key', 'etcd/ca.key', 'sa.key', 'sa.pub']
  for (const name of shared) {
    expect(text('cp-1', `${PKI}/${name}`)).toBe(text('cp-3', `${PKI}/${name}`))
  }
  for (const name of ['apiserver.key', 'etcd/server.key', 'front-proxy-client.key']) {
    expect(text('cp-1', `${PKI}/${name}`)).not.toBe(text('cp-3', `${PKI}/${name}`))
  }
})

test.each([
  ['cp-2', '/etc/kubernetes/admin.conf', 'https://lb:6443', 'kubernetes-admin'],
  ['cp-2', '/etc/kubernetes/scheduler.conf', 'https://172.30.0.12:6443', 'system:kube-scheduler'],
  [
    'cp-2',
    '/etc/kubernetes/controller-manager.conf',
    'https://172.30.0.12:6443',
    'system:kube-controller-manager',
  ],
  ['cp-2', '/etc/kubernetes/kubelet.conf', 'https://172.30.0.12:6443', 'system:node:cp-2'],
  ['w-1', '/etc/kubernetes/kubelet.conf', 'https://lb:6443', 'system:node:w-1'],
  ['workstation', '/home/learner/.kube/config', 'https://lb:6443', 'kubernetes-admin'],
])('on %s, %s talks to %s as %s', (node, path, server, user) => {
  const config = parse(text(node, path))
  expect(files.nodes.get(node)?.get(path)?.mode).toBe(0o600)
  expect(config['current-context']).toBe(`${user}@kubernetes`)
  expect(config.contexts[0].context).toEqual({ cluster: 'kubernetes', user })
  expect(config.clusters[0].cluster.server).toBe(server)
  const ca = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64')
  expect(ca.toString()).toBe(text('cp-1', `${PKI}/ca.crt`))
  const entry = config.users[0].user
  const pem = entry['client-certificate-data']
    ? Buffer.from(entry['client-certificate-data'], 'base64').toString()
    : text(node, entry['client-certificate'])
  const cert = new X509Certificate(pem)
  expect(cert.subject).toContain(`CN=${user}`)
  expect(cert.verify(new X509Certificate(ca).publicKey)).toBe(true)
})

test('the agent holds credentials that the cluster takes, and kubelets of all their nodes', () => {
  const { agent } = files
  const ca = new X509Certificate(agent.ca)
  for (const name of ['recorder', 'grader'] as const) {
    const cert = new X509Certificate(agent[name].cert)
    expect(cert.subject).toBe(`O=system:masters\nCN=halab:${name}`)
    expect(cert.verify(ca.publicKey)).toBe(true)
  }
  const etcdClient = new X509Certificate(agent.etcdClient.cert)
  expect(etcdClient.verify(new X509Certificate(agent.etcdCa).publicKey)).toBe(true)
  expect([...agent.nodes.keys()]).toEqual(['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2'])
  const serving = new X509Certificate(agent.nodes.get('w-2')!.kubeletServing.cert)
  expect(serving.checkHost('w-2')).toBe('w-2')
  expect(serving.checkIP('172.30.0.22')).toBe('172.30.0.22')
})

test('secrets of the agent lie on no node', () => {
  const { recorder, grader, etcdClient } = files.agent
  for (const node of files.nodes.values()) {
    for (const { content } of node.values()) {
      for (const { key } of [recorder, grader, etcdClient]) expect(content).not.toContain(key)
    }
  }
})

test('a worker has no key of any authority, and the workstation no certificate but its own', () => {
  expect(paths('w-1').filter((path) => path.startsWith(PKI))).toEqual([`${PKI}/ca.crt`])
  expect(paths('workstation').filter((path) => path.startsWith('/etc/kubernetes'))).toEqual([])
})

test('all keys can be read by their owner only', () => {
  for (const [name, node] of files.nodes) {
    for (const [path, { content, mode }] of node) {
      if (content.includes('PRIVATE KEY') || path.endsWith('lab-key')) {
        expect(mode, `${name}:${path}`).toBe(0o600)
      }
    }
  }
})

test('with external etcd, members have certificates and the authority key stays with them', () => {
  expect(paths('etcd-2', external)).toContain(`${PKI}/etcd/server.key`)
  expect(certificate('etcd-2', 'etcd/server', external).checkHost('etcd-2')).toBe('etcd-2')
  const onControlPlane = paths('cp-1', external)
  expect(onControlPlane).toContain(`${PKI}/etcd/ca.crt`)
  expect(onControlPlane).not.toContain(`${PKI}/etcd/ca.key`)
  expect(onControlPlane).not.toContain('/etc/kubernetes/manifests/etcd.yaml')
})

test('every node knows all others by name, and the endpoint', () => {
  for (const node of files.nodes.keys()) {
    const hosts = text(node, '/etc/hosts')
    expect(text(node, '/etc/hostname')).toBe(`${node}\n`)
    for (const line of ['172.30.0.10 lb', '172.30.0.12 cp-2', '172.30.0.22 w-2']) {
      expect(hosts).toContain(`${line}\n`)
    }
  }
})

test('timers that leader election refuses are refused before anything starts', async () => {
  const spec = { topology: THREE_AND_TWO, timers: { leaseDurationSeconds: 5 } }
  await expect(clusterFiles(spec)).rejects.toMatchObject({ code: 'bad-timers' })
})
