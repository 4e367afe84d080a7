import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { apiServerCommand, controllerManagerCommand, schedulerCommand } from './flags.ts'
import { etcdCommand } from './etcd.ts'
import { etcdNodes, ofRole } from './layout.ts'
import { staticPodManifest, staticPodOrder, type StaticPodName } from './manifests.ts'
import { THREE_AND_TWO, topologies } from './testing.ts'

const [cp1] = ofRole(THREE_AND_TWO, 'control-plane')

function manifest(name: StaticPodName, timers = {}) {
  return staticPodManifest(name, cp1!, THREE_AND_TWO, timers)
}

test('every manifest of every topology parses back to the Pod with the command that was meant', () => {
  fc.assert(
    fc.property(topologies, (topology) => {
      for (const node of ofRole(topology, 'control-plane')) {
        const commands = {
          etcd: () => etcdCommand(node, topology, {}),
          'kube-apiserver': () => apiServerCommand(node, topology),
          'kube-controller-manager': () => controllerManagerCommand({}),
          'kube-scheduler': () => schedulerCommand({}),
        }
        for (const name of staticPodOrder(topology)) {
          const pod = parse(staticPodManifest(name, node, topology, {}))
          expect(pod).toMatchObject({
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name, namespace: 'kube-system', labels: { component: name } },
            spec: { hostNetwork: true, priorityClassName: 'system-node-critical' },
          })
          expect(pod.spec.containers).toHaveLength(1)
          expect(pod.spec.containers[0].command).toEqual(commands[name]())
          const volumes = pod.spec.volumes.map((volume: { name: string }) => volume.name)
          const mounts = pod.spec.containers[0].volumeMounts.map((m: { name: string }) => m.name)
          expect(mounts).toEqual(volumes)
        }
      }
    }),
    { numRuns: 20 },
  )
})

test('the scheduler is written as kubeadm 1.35 writes it', () => {
  expect(manifest('kube-scheduler')).toBe(`apiVersion: v1
kind: Pod
metadata:
  labels:
    component: kube-scheduler
    tier: control-plane
  name: kube-scheduler
  namespace: kube-system
spec:
  containers:
  - command:
    - kube-scheduler
    - --authentication-kubeconfig=/etc/kubernetes/scheduler.conf
    - --authorization-kubeconfig=/etc/kubernetes/scheduler.conf
    - --bind-address=127.0.0.1
    - --kubeconfig=/etc/kubernetes/scheduler.conf
    - --leader-elect=true
    image: registry.k8s.io/kube-scheduler:v1.35.4
    imagePullPolicy: IfNotPresent
    livenessProbe:
      failureThreshold: 8
      httpGet:
        host: 127.0.0.1
        path: /livez
        port: probe-port
        scheme: HTTPS
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    name: kube-scheduler
    ports:
    - containerPort: 10259
      name: probe-port
      protocol: TCP
    readinessProbe:
      failureThreshold: 3
      httpGet:
        host: 127.0.0.1
        path: /readyz
        port: probe-port
        scheme: HTTPS
      periodSeconds: 1
      timeoutSeconds: 15
    resources:
      requests:
        cpu: 100m
    startupProbe:
      failureThreshold: 24
      httpGet:
        host: 127.0.0.1
        path: /livez
        port: probe-port
        scheme: HTTPS
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    volumeMounts:
    - mountPath: /etc/kubernetes/scheduler.conf
      name: kubeconfig
      readOnly: true
  hostNetwork: true
  priority: 2000001000
  priorityClassName: system-node-critical
  securityContext:
    seccompProfile:
      type: RuntimeDefault
  volumes:
  - hostPath:
      path: /etc/kubernetes/scheduler.conf
      type: FileOrCreate
    name: kubeconfig
`)
})

test('a stacked API server uses the member of its own node, one with external etcd all of them', () => {
  expect(apiServerCommand(cp1!, THREE_AND_TWO)).toContain('--etcd-servers=https://127.0.0.1:2379')
  const external = { ...THREE_AND_TWO, etcd: 'external' as const }
  expect(apiServerCommand(cp1!, external)).toContain(
    '--etcd-servers=https://172.30.0.31:2379,https://172.30.0.32:2379,https://172.30.0.33:2379',
  )
  expect(staticPodOrder(external)).not.toContain('etcd')
})

test('a timer that departs from the default is a flag, and said at the head of the file', () => {
  const timers = { leaseDurationSeconds: 6, renewDeadlineSeconds: 4, retryPeriodSeconds: 2 }
  const text = manifest('kube-scheduler', timers)
  expect(text).toContain('- --leader-elect-lease-duration=6s\n')
  expect(text).toContain(
    '# This lab sets --leader-elect-lease-duration to 6s; the default is 15s.\n',
  )
  expect(text).not.toContain('retry-period')
  expect(manifest('kube-controller-manager', { nodeMonitorGraceSeconds: 20 })).toContain(
    '- --node-monitor-grace-period=20s\n',
  )
  expect(manifest('etcd', { etcdQuotaBytes: 16_777_216 })).toContain(
    '--quota-backend-bytes=16777216',
  )
})

test('the API server says why GOGC is set', () => {
  expect(manifest('kube-apiserver')).toMatch(/^# GOGC/)
  expect(parse(manifest('kube-apiserver')).spec.containers[0].env).toEqual([
    { name: 'GOGC', value: '300' },
    { name: 'GOMEMLIMIT', value: '200MiB' },
  ])
})

test('members of all topologies are known to their own initial cluster', () => {
  fc.assert(
    fc.property(topologies, (topology) => {
      for (const node of etcdNodes(topology)) {
        const flags = etcdCommand(node, topology, {})
        const cluster = flags.find((flag) => flag.startsWith('--initial-cluster='))
        expect(cluster).toContain(`${node.name}=https://${node.address}:2380`)
      }
    }),
  )
})
