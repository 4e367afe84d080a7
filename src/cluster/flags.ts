/**
 * Command lines of the control plane, with the flags that kubeadm 1.35 sets:
 * https://github.com/kubernetes/kubernetes/blob/v1.35.4/cmd/kubeadm/app/phases/controlplane/manifests.go
 */
import type { LabTimers, NodeSummary, Topology } from '../wire/lab.ts'
import { command, type Flags } from './command-line.ts'
import { initialCluster } from './etcd.ts'
import { CLUSTER_DOMAIN, CLUSTER_NAME, DEFAULT_TIMERS, PKI, PORTS, SERVICE_CIDR } from './facts.ts'

export function apiServerCommand(node: NodeSummary, topology: Topology): string[] {
  return command('kube-apiserver', {
    'advertise-address': node.address,
    'allow-privileged': 'true',
    'authorization-mode': 'Node,RBAC',
    'client-ca-file': `${PKI}/ca.crt`,
    'enable-admission-plugins': 'NodeRestriction',
    'enable-bootstrap-token-auth': 'true',
    'etcd-cafile': `${PKI}/etcd/ca.crt`,
    'etcd-certfile': `${PKI}/apiserver-etcd-client.crt`,
    'etcd-keyfile': `${PKI}/apiserver-etcd-client.key`,
    'etcd-servers': etcdServers(topology),
    'kubelet-client-certificate': `${PKI}/apiserver-kubelet-client.crt`,
    'kubelet-client-key': `${PKI}/apiserver-kubelet-client.key`,
    'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
    'proxy-client-cert-file': `${PKI}/front-proxy-client.crt`,
    'proxy-client-key-file': `${PKI}/front-proxy-client.key`,
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-client-ca-file': `${PKI}/front-proxy-ca.crt`,
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-username-headers': 'X-Remote-User',
    'secure-port': String(PORTS.api),
    'service-account-issuer': `https://kubernetes.default.svc.${CLUSTER_DOMAIN}`,
    'service-account-key-file': `${PKI}/sa.pub`,
    'service-account-signing-key-file': `${PKI}/sa.key`,
    'service-cluster-ip-range': SERVICE_CIDR,
    'tls-cert-file': `${PKI}/apiserver.crt`,
    'tls-private-key-file': `${PKI}/apiserver.key`,
  })
}

/** Stacked: the member of the own node only, so that its loss makes this server unready. External: all. */
function etcdServers(topology: Topology): string {
  if (topology.etcd === 'stacked') return `https://127.0.0.1:${PORTS.etcdClient}`
  return initialCluster(topology)
    .map(({ clientUrl }) => clientUrl)
    .join(',')
}

/**
 * Without a Pod subnet, as kubeadm when none is given: each node brings its `podCIDR` along. The
 * FlexVolume folder is moved as kubeadm's documentation does for nodes whose /usr is read-only.
 */
export function controllerManagerCommand(timers: LabTimers): string[] {
  const kubeconfig = '/etc/kubernetes/controller-manager.conf'
  return command('kube-controller-manager', {
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    'client-ca-file': `${PKI}/ca.crt`,
    'cluster-name': CLUSTER_NAME,
    'cluster-signing-cert-file': `${PKI}/ca.crt`,
    'cluster-signing-key-file': `${PKI}/ca.key`,
    controllers: '*,bootstrapsigner,tokencleaner',
    'flex-volume-plugin-dir': FLEX_VOLUMES,
    kubeconfig,
    ...leaderElection(timers),
    'node-monitor-grace-period': changed('nodeMonitorGraceSeconds', timers),
    'requestheader-client-ca-file': `${PKI}/front-proxy-ca.crt`,
    'root-ca-file': `${PKI}/ca.crt`,
    'service-account-private-key-file': `${PKI}/sa.key`,
    'use-service-account-credentials': 'true',
  })
}
export const FLEX_VOLUMES = '/var/lib/kubelet/volume-plugins'

export function schedulerCommand(timers: LabTimers): string[] {
  const kubeconfig = '/etc/kubernetes/scheduler.conf'
  return command('kube-scheduler', {
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    kubeconfig,
    ...leaderElection(timers),
  })
}

function leaderElection(timers: LabTimers): Flags {
  return {
    'leader-elect': 'true',
    'leader-elect-lease-duration': changed('leaseDurationSeconds', timers),
    'leader-elect-renew-deadline': changed('renewDeadlineSeconds', timers),
    'leader-elect-retry-period': changed('retryPeriodSeconds', timers),
  }
}

/** A flag only where a lab departs from the default, so that other manifests stay kubeadm's. */
function changed(timer: SecondsTimer, timers: LabTimers): string | undefined {
  const seconds = timers[timer]
  return seconds === undefined || seconds === DEFAULT_TIMERS[timer] ? undefined : `${seconds}s`
}
type SecondsTimer = Exclude<keyof LabTimers, 'etcdQuotaBytes'>
