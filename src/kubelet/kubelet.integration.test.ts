import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { MANIFESTS } from '../cluster/facts.ts'
import type { KubeEvent, KubeLease, KubeNode, KubePod } from '../kube/index.ts'
import { createContainerRuntime, knownImages, startKubelet } from './index.ts'
import type { ContainerRuntime, ImageTable, Kubelet } from './index.ts'
import { startControlPlane } from './testing/control-plane.ts'
import type { ControlPlane } from './testing/control-plane.ts'
import { createFakeNode } from './testing/fake-node.ts'
import type { FakeNode } from './testing/fake-node.ts'

let plane: ControlPlane
let socketDir: string

beforeAll(async () => {
  plane = await startControlPlane()
  socketDir = await mkdtemp(join(tmpdir(), 'halab-'))
}, 60_000)
afterAll(async () => {
  await plane[Symbol.asyncDispose]()
  await rm(socketDir, { recursive: true, force: true })
})

const course = knownImages(fileURLToPath(new URL('programs', import.meta.url)))
/** The course's images, and one that runs the shell. */
const images: ImageTable = (image) =>
  image.startsWith('test/sh') ? { entrypoint: ['/bin/sh', '-c'], args: [] } : course(image)

/** Loopback addresses and ports that no other run of these tests uses. */
const webPort = 20_000 + 2 * (process.pid % 5_000)
const prefix = `127.${1 + (process.pid % 250)}`
const machine = (name: string, role: 'control-plane' | 'worker', n: number) => ({
  name,
  role,
  address: `${prefix}.0.${n}`,
  podCidr: `${prefix}.${n}.0/24`,
})

async function kubeletOf(node: FakeNode, runtime: ContainerRuntime): Promise<Kubelet> {
  const identity = { commonName: `system:node:${node.name}`, organization: 'system:nodes' }
  const [client, serving] = await Promise.all([
    plane.authority.issue({ ...identity, usages: ['client'] }),
    plane.authority.issue({ ...identity, usages: ['server'], addresses: [node.address] }),
  ])
  const ca = plane.authority.pem.cert
  return startKubelet({
    node,
    runtime,
    api: { host: plane.host, port: plane.port, ca, ...client },
    serving: { ...serving, ca },
    socketDir,
    admin: plane.openAdmin,
    timers: { statusCheckMs: 500, leaseRenewMs: 300, rescanMs: 500, requestTimeoutMs: 1_500 },
  })
}

const until = (check: () => unknown, timeout = 15_000) =>
  vi.waitFor(check, { timeout, interval: 50 })
const podPath = (name: string, namespace = 'default') =>
  `/api/v1/namespaces/${namespace}/pods/${name}`
const getPod = (name: string, namespace?: string) =>
  plane.admin.get<KubePod>(podPath(name, namespace))

function pod(name: string, nodeName: string, container: object, spec: object = {}): KubePod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { nodeName, containers: [{ name: 'main', ...container }], ...spec },
  }
}
const create = (body: KubePod) => plane.admin.create('/api/v1/namespaces/default/pods', body)

test('registers, renews its Lease, runs and shows a static Pod, and its logs', async () => {
  await using node = createFakeNode(machine('cp-1', 'control-plane', 11))
  await mkdir(node.path(MANIFESTS), { recursive: true })
  const manifest = (word: string) => `apiVersion: v1
kind: Pod
metadata: { name: talker, namespace: kube-system }
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 2
  containers:
    - name: talker
      image: test/sh:1
      args: ['echo ${word} $NODE; exec sleep 1000']
      env: [{ name: NODE, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]
`
  await writeFile(node.path(`${MANIFESTS}/talker.yaml`), manifest('one'))
  await writeFile(node.path(`${MANIFESTS}/broken.yaml`), 'kind: [')
  await writeFile(node.path(`${MANIFESTS}/.talker.yaml.swp`), manifest('never'))
  const runtime = createContainerRuntime(node, images)
  await using kubelet = await kubeletOf(node, runtime)
  await until(() => expect(node.components()).toEqual(['talker']))
  await kubelet.registered

  await until(async () => {
    const registered = await plane.admin.get<KubeNode>('/api/v1/nodes/cp-1')
    expect(registered.metadata?.labels).toMatchObject({
      'node-role.kubernetes.io/control-plane': '',
    })
    expect(registered.spec?.taints).toContainEqual({
      key: 'node-role.kubernetes.io/control-plane',
      effect: 'NoSchedule',
    })
    expect(registered.spec?.podCIDR).toBe(node.podCidr)
    const ready = registered.status?.conditions?.find(({ type }) => type === 'Ready')
    expect(ready?.status).toBe('True')
  })
  const leasePath = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/cp-1'
  await until(async () => {
    expect((await plane.admin.get<KubeLease>(leasePath)).spec?.holderIdentity).toBe('cp-1')
  })
  const first = (await plane.admin.get<KubeLease>(leasePath)).spec?.renewTime
  await until(async () => {
    expect((await plane.admin.get<KubeLease>(leasePath)).spec?.renewTime).not.toBe(first)
  })

  const mirrorReady = async () => {
    const mirror = await getPod('talker-cp-1', 'kube-system')
    const ready = mirror.status?.conditions?.find(({ type }) => type === 'Ready')
    expect(ready?.status).toBe('True')
    expect(mirror.metadata?.deletionTimestamp).toBeUndefined()
    return mirror
  }
  await until(mirrorReady)
  const mirror = await mirrorReady()
  expect(mirror.metadata?.annotations).toHaveProperty(['kubernetes.io/config.mirror'])
  expect(mirror.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, started: true })
  const logs = async () =>
    (await plane.admin.raw('GET', `${podPath('talker-cp-1', 'kube-system')}/log`)).text
  expect(await logs()).toBe('one cp-1\n')

  await plane.admin.delete(podPath('talker-cp-1', 'kube-system'))
  await until(async () =>
    expect((await mirrorReady()).metadata?.uid).not.toBe(mirror.metadata?.uid),
  )
  expect(node.started.filter(({ component }) => component === 'talker')).toHaveLength(1)

  // As vim writes: the old file is moved away, the new one put in its place.
  await rename(node.path(`${MANIFESTS}/talker.yaml`), node.path(`${MANIFESTS}/talker.yaml~`))
  await writeFile(node.path(`${MANIFESTS}/talker.yaml`), manifest('two'))
  await until(async () => {
    await mirrorReady()
    expect(await logs()).toBe('two cp-1\n')
  })
  expect(node.started).toHaveLength(2)
  expect(node.started[0]?.by).toEqual(['SIGTERM kubelet'])

  await rm(node.path(`${MANIFESTS}/talker.yaml`))
  await until(() => expect(node.components()).toEqual([]))
  await until(async () => {
    expect((await plane.admin.raw('GET', podPath('talker-cp-1', 'kube-system'))).status).toBe(404)
  })
  const journal = await readFile(node.path('/var/log/kubelet.log'), 'utf8')
  expect(journal).toMatch(/Can't process manifest file.*broken\.yaml/)
}, 60_000)

test('runs Pods bound to its node, probes, restarts and ends them', async () => {
  await using node = createFakeNode(machine('w-1', 'worker', 21))
  const runtime = createContainerRuntime(node, images)
  await using kubelet = await kubeletOf(node, runtime)
  await kubelet.registered
  await create(
    pod('web', 'w-1', {
      image: 'halab.dev/web:1',
      env: [
        { name: 'PORT', value: String(webPort) },
        { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      ],
      ports: [{ name: 'http', containerPort: webPort }],
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1 },
    }),
  )
  await create(pod('stranger', 'w-1', { image: 'docker.io/library/nginx:1' }))
  await create(
    pod(
      'short',
      'w-1',
      { image: 'test/sh:1', args: ['echo done >&2; exit 3'] },
      { restartPolicy: 'Never' },
    ),
  )
  await create(
    pod(
      'sick',
      'w-1',
      {
        image: 'test/sh:1',
        args: ['echo up; exec sleep 1000'],
        livenessProbe: { tcpSocket: { port: 9 }, periodSeconds: 1, failureThreshold: 1 },
      },
      { terminationGracePeriodSeconds: 1 },
    ),
  )

  await until(async () => {
    const web = await getPod('web')
    expect(web.status).toMatchObject({ phase: 'Running', podIP: `${prefix}.21.2` })
    expect(web.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    )
  })
  const answer = await fetch(`http://${prefix}.21.2:${webPort}/`)
  expect(await answer.text()).toBe('Hello from Pod web on node w-1\n')
  await until(async () => {
    const stranger = await getPod('stranger')
    expect(stranger.status).toMatchObject({ phase: 'Running', reason: 'Simulated' })
    expect(stranger.status?.containerStatuses?.[0]?.containerID).toMatch(/^simulated:\/\//)
  })
  await until(async () => {
    const short = await getPod('short')
    expect(short.status?.phase).toBe('Failed')
    expect(short.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
    })
  })
  await until(async () => {
    const sick = (await getPod('sick')).status?.containerStatuses?.[0]
    expect(sick?.restartCount).toBeGreaterThan(0)
    expect(sick?.lastState?.terminated).toMatchObject({ signal: 15 })
  })
  await until(async () => {
    const { items } = await plane.admin.list<KubeEvent>('/api/v1/namespaces/default/events')
    const reasons = new Set(items.map(({ reason }) => reason))
    expect(reasons).toEqual(new Set([...reasons, 'Started', 'Simulated', 'Unhealthy', 'Killing']))
  })

  await create(
    pod('polite', 'w-1', {
      image: 'test/sh:1',
      args: ['echo up; exec sleep 1000'],
      lifecycle: { preStop: { exec: { command: ['touch', node.path('/var/asked')] } } },
    }),
  )
  await until(async () => expect((await getPod('polite')).status?.phase).toBe('Running'))

  for (const name of ['web', 'stranger', 'short', 'sick', 'polite']) {
    await plane.admin.delete(podPath(name), { gracePeriodSeconds: 2 })
  }
  await until(async () => {
    const { items } = await plane.admin.list<KubePod>('/api/v1/namespaces/default/pods')
    expect(items).toEqual([])
  })
  await until(() => expect(runtime.pods()).toEqual([]))
  expect(existsSync(node.path('/var/asked'))).toBe(true)
  expect(node.components()).toEqual([])
  expect(node.sandboxes.size).toBe(0)
}, 60_000)

test('containers outlive the kubelet; a power-off ends them and counts as a restart', async () => {
  await using node = createFakeNode(machine('w-2', 'worker', 22))
  const runtime = createContainerRuntime(node, images)
  const kubelet = await kubeletOf(node, runtime)
  await kubelet.registered
  await create(
    pod(
      'stays',
      'w-2',
      { image: 'test/sh:1', args: ['echo up; exec sleep 1000'] },
      { terminationGracePeriodSeconds: 1 },
    ),
  )
  const runs = (restartCount: number) =>
    until(async () => {
      const { status } = await getPod('stays')
      expect(status?.phase).toBe('Running')
      expect(status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount })
    })
  await runs(0)
  await kubelet.stop()
  expect(node.components()).toEqual(['pod/default/stays/main'])

  const second = await kubeletOf(node, runtime)
  await second.registered
  await runs(0)
  expect(node.started).toHaveLength(1)

  await node.powerOff()
  await second.stop()
  await node.powerOn()
  const afterwards = createContainerRuntime(node, images)
  // Somebody else got the Pod's old address first.
  const other = { uid: 'other', namespace: 'default', name: 'other', hostname: 'other' }
  await afterwards.ensureSandbox({ ...other, network: 'simulated' })
  const third = await kubeletOf(node, afterwards)
  await runs(1)
  const moved = (await getPod('stays')).status?.podIP
  expect(moved).toBe(`${prefix}.22.3`)
  expect(node.started).toHaveLength(2)
  await plane.admin.delete(podPath('stays'))
  await until(async () => {
    expect((await plane.admin.raw('GET', podPath('stays'))).status).toBe(404)
  })
  await third.stop()
}, 60_000)

test('kubectl follows logs, shows those of the run before, and is told why it cannot exec', async () => {
  await using node = createFakeNode(machine('w-4', 'worker', 24))
  await using kubelet = await kubeletOf(node, createContainerRuntime(node, images))
  await kubelet.registered
  const go = node.path('/var/go')
  const script = `echo run; while ! rm ${go}; do sleep 0.05; done 2>/dev/null; echo end; exit 1`
  await create(pod('loop', 'w-4', { image: 'test/sh:1', args: [script] }))
  await until(async () => expect((await getPod('loop')).status?.phase).toBe('Running'))

  const following = plane.kubectl('logs', '-f', 'loop')
  let followed = ''
  following.stdout?.on('data', (chunk: Buffer) => (followed += chunk.toString()))
  await until(() => expect(followed).toBe('run\n'))
  await writeFile(go, '')
  await once(following, 'exit')
  expect(followed).toBe('run\nend\n')
  await until(async () => {
    const container = (await getPod('loop')).status?.containerStatuses?.[0]
    expect(container).toMatchObject({ restartCount: 1, state: { running: {} } })
  })
  expect(await outputOf(plane.kubectl('logs', '--previous', '--tail=1', 'loop'))).toBe('end\n')
  expect(await outputOf(plane.kubectl('exec', 'loop', '--', 'ls'))).toContain('not available')
  await plane.admin.delete(podPath('loop'), { gracePeriodSeconds: 0 })
}, 60_000)

async function outputOf(child: ChildProcess): Promise<string> {
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  return output
}

test('a frozen node decides nothing', async () => {
  await using node = createFakeNode(machine('w-3', 'worker', 23))
  await using kubelet = await kubeletOf(node, createContainerRuntime(node, images))
  await kubelet.registered
  await create(
    pod(
      'web',
      'w-3',
      {
        image: 'halab.dev/web:1',
        env: [{ name: 'PORT', value: String(webPort + 1) }],
        livenessProbe: {
          httpGet: { path: '/healthz', port: webPort + 1 },
          periodSeconds: 1,
          failureThreshold: 2,
        },
      },
      { terminationGracePeriodSeconds: 1 },
    ),
  )
  await until(async () => expect((await getPod('web')).status?.phase).toBe('Running'))
  await node.freeze()
  const leasePath = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w-3'
  const renewed = async () => (await plane.admin.get<KubeLease>(leasePath)).spec?.renewTime
  const before = await renewed()
  await plane.admin.delete(podPath('web'))
  // Longer than probe, lease and grace together would take.
  const stillThere = async () => {
    expect((await getPod('web')).metadata?.deletionTimestamp).toBeDefined()
    expect(node.started[0]?.by).toEqual(['SIGSTOP freeze'])
  }
  const frozenUntil = Date.now() + 2_500
  await until(async () => {
    await stillThere()
    expect(Date.now()).toBeGreaterThan(frozenUntil)
  })
  expect(await renewed()).toBe(before)
  await node.thaw()
  await until(async () => {
    expect((await plane.admin.raw('GET', podPath('web'))).status).toBe(404)
  })
  await until(async () => expect(await renewed()).not.toBe(before))
}, 60_000)
