/**
 * Static Pods as kubeadm 1.35 writes them:
 * https://github.com/kubernetes/kubernetes/blob/v1.35.4/cmd/kubeadm/app/util/staticpod/utils.go
 */
import type { LabTimers, NodeSummary, Topology } from '../wire/lab.ts'
import { etcdCommand } from './etcd.ts'
import { API_SERVER_GC, DEFAULT_TIMERS, ETCD_DATA, PKI, PORTS, VERSIONS } from './facts.ts'
import {
  apiServerCommand,
  controllerManagerCommand,
  FLEX_VOLUMES,
  schedulerCommand,
} from './flags.ts'
import { yamlOf } from './yaml.ts'

const STATIC_PODS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const
export type StaticPodName = (typeof STATIC_PODS)[number]

/** Static Pods of a control-plane node in the order in which each can use the one before. */
export function staticPodOrder(topology: Topology): StaticPodName[] {
  return STATIC_PODS.filter((name) => name !== 'etcd' || topology.etcd === 'stacked')
}

/** YAML of one static Pod of a control-plane node. */
export function staticPodManifest(
  name: StaticPodName,
  node: NodeSummary,
  topology: Topology,
  timers: LabTimers,
): string {
  const departures = departuresOf(name, timers).map((line) => `# ${line}\n`)
  return departures.join('') + yamlOf(podOf(name, node, topology, timers))
}

/** What a reader who knows kubeadm's manifests would wonder about, said at the head of the file. */
function departuresOf(name: StaticPodName, timers: LabTimers): string[] {
  const leads = name === 'kube-controller-manager' || name === 'kube-scheduler'
  const watches = name === 'kube-controller-manager'
  return [
    name === 'kube-apiserver' &&
      'GOGC and GOMEMLIMIT, which kubeadm does not set: a sooner start, and less memory on a laptop.',
    leads && timer('leader-elect-lease-duration', 'leaseDurationSeconds', timers),
    leads && timer('leader-elect-renew-deadline', 'renewDeadlineSeconds', timers),
    leads && timer('leader-elect-retry-period', 'retryPeriodSeconds', timers),
    watches && '--flex-volume-plugin-dir is moved because /usr is read-only on these nodes.',
    watches && timer('node-monitor-grace-period', 'nodeMonitorGraceSeconds', timers),
    name === 'etcd' && 'InitialCorruptCheck is off: members that start together wait 14 s for it.',
    name === 'etcd' && timer('quota-backend-bytes', 'etcdQuotaBytes', timers),
  ].filter((line) => typeof line === 'string')
}

function timer(flag: string, name: keyof LabTimers, timers: LabTimers): string | false {
  const value = timers[name]
  if (value === undefined || value === DEFAULT_TIMERS[name]) return false
  const unit = name === 'etcdQuotaBytes' ? ' bytes' : 's'
  return `This lab sets --${flag} to ${value}${unit}; the default is ${DEFAULT_TIMERS[name]}${unit}.`
}

function podOf(
  name: StaticPodName,
  node: NodeSummary,
  topology: Topology,
  timers: LabTimers,
): object {
  switch (name) {
    case 'etcd':
      return pod(name, {
        image: `registry.k8s.io/etcd:${VERSIONS.etcd}-0`,
        command: etcdCommand(node, topology, timers),
        requests: { cpu: '100m', memory: '100Mi' },
        probes: {
          host: '127.0.0.1',
          port: PORTS.etcdMetrics,
          scheme: 'HTTP',
          liveness: '/livez',
          readiness: '/readyz',
          startup: '/readyz',
        },
        mounts: [
          { name: 'etcd-certs', path: `${PKI}/etcd`, type: 'DirectoryOrCreate' },
          { name: 'etcd-data', path: ETCD_DATA, type: 'DirectoryOrCreate' },
        ],
        annotations: {
          'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${node.address}:${PORTS.etcdClient}`,
        },
      })
    case 'kube-apiserver':
      return pod(name, {
        image: kubernetesImage(name),
        command: apiServerCommand(node, topology),
        env: Object.entries(API_SERVER_GC).map(([key, value]) => ({ name: key, value })),
        requests: { cpu: '250m' },
        probes: {
          host: node.address,
          port: PORTS.api,
          scheme: 'HTTPS',
          liveness: '/livez',
          readiness: '/readyz',
          startup: '/livez',
        },
        mounts: [CA_CERTS, K8S_CERTS],
        annotations: {
          'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${node.address}:${PORTS.api}`,
        },
      })
    case 'kube-controller-manager':
      return pod(name, {
        image: kubernetesImage(name),
        command: controllerManagerCommand(timers),
        requests: { cpu: '200m' },
        probes: {
          host: '127.0.0.1',
          port: PORTS.controllerManager,
          scheme: 'HTTPS',
          liveness: '/healthz',
          startup: '/healthz',
        },
        mounts: [
          CA_CERTS,
          { name: 'flexvolume-dir', path: FLEX_VOLUMES, type: 'DirectoryOrCreate' },
          K8S_CERTS,
          kubeconfigMount('controller-manager'),
        ],
      })
    case 'kube-scheduler':
      return pod(name, {
        image: kubernetesImage(name),
        command: schedulerCommand(timers),
        requests: { cpu: '100m' },
        probes: {
          host: '127.0.0.1',
          port: PORTS.scheduler,
          scheme: 'HTTPS',
          liveness: '/livez',
          readiness: '/readyz',
          startup: '/livez',
        },
        mounts: [kubeconfigMount('scheduler')],
      })
  }
}

interface Container {
  readonly image: string
  readonly command: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly requests: Readonly<Record<string, string>>
  readonly probes: Probes
  readonly mounts: readonly Mount[]
  readonly annotations?: Readonly<Record<string, string>>
}
interface Probes {
  readonly host: string
  readonly port: number
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly liveness: string
  /** kubeadm gives the controller manager none. */
  readonly readiness?: string
  readonly startup: string
}
/** A path of the node that the container sees at the same place. */
interface Mount {
  readonly name: string
  readonly path: string
  readonly type: 'DirectoryOrCreate' | 'FileOrCreate'
  readonly readOnly?: true
}

const CA_CERTS: Mount = {
  name: 'ca-certs',
  path: '/etc/ssl/certs',
  type: 'DirectoryOrCreate',
  readOnly: true,
}
const K8S_CERTS: Mount = {
  name: 'k8s-certs',
  path: PKI,
  type: 'DirectoryOrCreate',
  readOnly: true,
}

function kubeconfigMount(user: string): Mount {
  const path = `/etc/kubernetes/${user}.conf`
  return { name: 'kubeconfig', path, type: 'FileOrCreate', readOnly: true }
}

function kubernetesImage(name: StaticPodName): string {
  return `registry.k8s.io/${name}:v${VERSIONS.kubernetes}`
}

function pod(name: StaticPodName, container: Container): object {
  const { probes, mounts } = container
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(container.annotations && { annotations: container.annotations }),
      labels: { component: name, tier: 'control-plane' },
      name,
      namespace: 'kube-system',
    },
    spec: {
      containers: [
        {
          name,
          image: container.image,
          imagePullPolicy: 'IfNotPresent',
          command: container.command,
          ...(container.env && { env: container.env }),
          livenessProbe: probe(probes, probes.liveness, [10, 15, 8, 10]),
          ports: [{ containerPort: probes.port, name: PROBE_PORT, protocol: 'TCP' }],
          ...(probes.readiness && {
            readinessProbe: probe(probes, probes.readiness, [0, 15, 3, 1]),
          }),
          resources: { requests: container.requests },
          startupProbe: probe(probes, probes.startup, [10, 15, 24, 10]),
          volumeMounts: mounts.map(({ path, name: volume, readOnly }) => ({
            mountPath: path,
            name: volume,
            ...(readOnly && { readOnly }),
          })),
        },
      ],
      hostNetwork: true,
      priority: 2000001000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: mounts.map(({ name: volume, path, type }) => ({
        hostPath: { path, type },
        name: volume,
      })),
    },
  }
}
const PROBE_PORT = 'probe-port'

/** Seconds before the first try, for an answer, tries that must fail, seconds between tries. */
type ProbeTiming = readonly [delay: number, timeout: number, failures: number, period: number]

function probe({ host, scheme }: Probes, path: string, timing: ProbeTiming): object {
  const [initialDelaySeconds, timeoutSeconds, failureThreshold, periodSeconds] = timing
  return {
    failureThreshold,
    httpGet: { host, path, port: PROBE_PORT, scheme },
    ...(initialDelaySeconds > 0 && { initialDelaySeconds }),
    periodSeconds,
    timeoutSeconds,
  }
}
