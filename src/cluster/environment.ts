import type { NodeSummary, Topology } from '../wire/lab.ts'
import { LEARNER, PKI, PORTS, WORKSTATION_KUBECONFIG } from './facts.ts'
import { etcdNodes } from './layout.ts'

/**
 * What every shell and command on a node has in its environment. TERM comes from the terminal.
 */
export function nodeEnvironment(node: NodeSummary, topology: Topology): Record<string, string> {
  const user = node.role === 'workstation' ? LEARNER.name : 'root'
  return {
    PATH: '/opt/halab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: homeOf(node),
    USER: user,
    LOGNAME: user,
    LANG: 'C.UTF-8',
    SHELL: '/bin/bash',
    ...kubeconfigVariable(node),
    ...etcdctlVariables(node, topology),
  }
}

export function homeOf({ role }: NodeSummary): string {
  return role === 'workstation' ? LEARNER.home : '/root'
}

function kubeconfigVariable({ role }: NodeSummary): Record<string, string> {
  switch (role) {
    case 'workstation':
      return { KUBECONFIG: WORKSTATION_KUBECONFIG }
    case 'control-plane':
      return { KUBECONFIG: '/etc/kubernetes/admin.conf' }
    case 'worker':
      return { KUBECONFIG: '/etc/kubernetes/kubelet.conf' }
    default:
      return {}
  }
}

function etcdctlVariables({ name }: NodeSummary, topology: Topology): Record<string, string> {
  if (!etcdNodes(topology).some((member) => member.name === name)) return {}
  return {
    ETCDCTL_ENDPOINTS: `https://127.0.0.1:${PORTS.etcdClient}`,
    ETCDCTL_CACERT: `${PKI}/etcd/ca.crt`,
    ETCDCTL_CERT: `${PKI}/etcd/healthcheck-client.crt`,
    ETCDCTL_KEY: `${PKI}/etcd/healthcheck-client.key`,
  }
}
