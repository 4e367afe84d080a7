/** A real etcd and API server for tests: no TLS towards etcd, all else as in a lab. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority, createTokenKeys } from '../../cluster/certificates.ts'
import type { Authority, PemPair } from '../../cluster/certificates.ts'
import { createKubeClient } from '../../kube/index.ts'
import type { KubeClient } from '../../kube/index.ts'
import { resolveToolchain } from '../../toolchain/index.ts'

export interface ControlPlane extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly authority: Authority
  readonly adminPair: PemPair
  readonly admin: KubeClient
  /** Another client like `admin`, to be closed by the caller. */
  openAdmin(): KubeClient
  readonly apiServer: ChildProcess
  /** Starts kubectl as the administrator. */
  kubectl(...args: string[]): ChildProcess
}

const HOST = '127.0.0.1'

export async function startControlPlane(): Promise<ControlPlane> {
  const binaries = await resolveToolchain({ need: ['etcd', 'kube-apiserver', 'kubectl'] })
  const program = (name: string) => binaries.find((binary) => binary.name === name)?.path ?? name
  const folder = await mkdtemp(join(tmpdir(), 'halab-api-'))
  const [client = 0, peer = 0, port = 0] = await freePorts(3)
  const children: ChildProcess[] = []
  const run = (name: string, args: readonly string[]) => {
    const child = spawn(program(name), args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let tail = ''
    child.stderr.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-4_000)))
    child.once('exit', (code) => {
      if (code !== null && code !== 0) process.stderr.write(`${name} ended with ${code}\n${tail}\n`)
    })
    children.push(child)
    return child
  }

  const authority = await createAuthority('kubernetes')
  const [serving, adminPair, kubeletClient, tokenKeys] = await Promise.all([
    authority.issue({ commonName: 'kube-apiserver', usages: ['server'], addresses: [HOST] }),
    authority.issue({ commonName: 'admin', organization: 'system:masters', usages: ['client'] }),
    authority.issue({
      commonName: 'kube-apiserver-kubelet-client',
      organization: 'kubeadm:cluster-admins',
      usages: ['client'],
    }),
    createTokenKeys(),
  ])
  const file = async (name: string, content: string) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  run('etcd', [
    `--data-dir=${folder}/etcd`,
    `--listen-client-urls=http://${HOST}:${client}`,
    `--advertise-client-urls=http://${HOST}:${client}`,
    `--listen-peer-urls=http://${HOST}:${peer}`,
    `--initial-advertise-peer-urls=http://${HOST}:${peer}`,
    `--initial-cluster=default=http://${HOST}:${peer}`,
    '--unsafe-no-fsync',
  ])
  const apiServer = run('kube-apiserver', [
    `--etcd-servers=http://${HOST}:${client}`,
    `--bind-address=${HOST}`,
    `--advertise-address=10.0.0.1`,
    `--secure-port=${port}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--client-ca-file=${await file('ca.crt', authority.pem.cert)}`,
    `--tls-cert-file=${await file('tls.crt', serving.cert)}`,
    `--tls-private-key-file=${await file('tls.key', serving.key)}`,
    `--kubelet-client-certificate=${await file('kc.crt', kubeletClient.cert)}`,
    `--kubelet-client-key=${await file('kc.key', kubeletClient.key)}`,
    `--kubelet-certificate-authority=${join(folder, 'ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--service-account-key-file=${await file('sa.pub', tokenKeys.publicKey)}`,
    `--service-account-signing-key-file=${await file('sa.key', tokenKeys.privateKey)}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/12',
    '--disable-admission-plugins=ServiceAccount',
  ])
  const credentials = [
    `--server=https://${HOST}:${port}`,
    `--certificate-authority=${join(folder, 'ca.crt')}`,
    `--client-certificate=${await file('admin.crt', adminPair.cert)}`,
    `--client-key=${await file('admin.key', adminPair.key)}`,
  ]
  const openAdmin = () =>
    createKubeClient({
      server: `https://${HOST}:${port}`,
      ca: authority.pem.cert,
      ...adminPair,
    })
  const admin = openAdmin()
  return {
    host: HOST,
    port,
    authority,
    adminPair,
    admin,
    openAdmin,
    apiServer,
    kubectl: (...args) => {
      const child = spawn(program('kubectl'), [...credentials, ...args])
      children.push(child)
      return child
    },
    async [Symbol.asyncDispose]() {
      await admin.close()
      const running = children.filter((child) => child.exitCode === null && !child.signalCode)
      const ended = running.map((child) => once(child, 'exit'))
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(ended)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, HOST))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}
