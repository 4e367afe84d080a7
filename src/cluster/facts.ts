/** Every fixed number of a lab: versions, addresses, ports, CIDRs, timers. Written here once. */
import pinned from '../../toolchain/versions.json' with { type: 'json' }

/** Without `v`. What the toolchain gets is what the manifests name. */
export const VERSIONS = {
  kubernetes: pinned.kubernetes.version,
  etcd: pinned.etcd.version,
} as const

/** The lab's own network; labs never share one, so every lab has the same addresses. */
export const NETWORK = '172.30.0'
export const AGENT_ADDRESS = `${NETWORK}.1`
/** Where clients find the API: an address of lb-1, floating between both when there are two. */
export const ENDPOINT = { name: 'lb', address: `${NETWORK}.10` } as const

/** Last byte of the first address of each role; the nth node of a role has the nth address from there. */
export const FIRST_BYTE = {
  workstation: 2,
  'load-balancer': 8,
  'control-plane': 11,
  worker: 21,
  etcd: 31,
} as const

export const SERVICE_CIDR = '10.96.0.0/12'
/** First address of the Service range: the `kubernetes` Service, hence in every serving certificate. */
export const KUBERNETES_SERVICE_ADDRESS = '10.96.0.1'
export const CLUSTER_DNS_ADDRESS = '10.96.0.10'
export const CLUSTER_DOMAIN = 'cluster.local'
export const CLUSTER_NAME = 'kubernetes'

export const PORTS = {
  api: 6443,
  etcdClient: 2379,
  etcdPeer: 2380,
  etcdMetrics: 2381,
  kubelet: 10250,
  kubeletHealth: 10248,
  controllerManager: 10257,
  scheduler: 10259,
} as const

export const PKI = '/etc/kubernetes/pki'
export const MANIFESTS = '/etc/kubernetes/manifests'
export const ETCD_DATA = '/var/lib/etcd'
export const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml'
export const KUBELET_PKI = '/var/lib/kubelet/pki'
export const LEARNER = { name: 'learner', uid: 1000, home: '/home/learner' } as const
export const WORKSTATION_KUBECONFIG = `${LEARNER.home}/.kube/config`

/** Kubernetes' own defaults, which a lab's timers are shown beside. */
export const DEFAULT_TIMERS = {
  leaseDurationSeconds: 15,
  renewDeadlineSeconds: 10,
  retryPeriodSeconds: 2,
  nodeMonitorGraceSeconds: 50,
  /** etcd's quota when no flag sets one: 2 GiB. */
  etcdQuotaBytes: 2 * 1024 ** 3,
} as const

/** A course may be paused over weeks; one lab rarely outlives that. */
export const LEAF_DAYS = 30
export const CA_DAYS = 3650
/** Tolerates a clock that was set back a little after the certificates were made. */
export const BACKDATE_MINUTES = 5

/**
 * Go's garbage collector, told to run late and to keep to a size: a control plane starts an eighth
 * sooner than with half the default, for 60 MB more a server until it has something to collect.
 */
export const API_SERVER_GC = { GOGC: '300', GOMEMLIMIT: '200MiB' } as const
