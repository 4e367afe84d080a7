import { randomBytes } from 'node:crypto'
import type { NodeSummary } from '../wire/lab.ts'
import { CHECK_SCRIPT, CHECK_SCRIPT_CONTENT, haproxyConfig, keepalivedConfig } from './balancer.ts'
import { baseSystem, readable, secret } from './base-system.ts'
import type { PemPair } from './certificates.ts'
import { homeOf } from './environment.ts'
import {
  ENDPOINT,
  KUBELET_CONFIG,
  KUBELET_PKI,
  MANIFESTS,
  PKI,
  PORTS,
  WORKSTATION_KUBECONFIG,
} from './facts.ts'
import { kubeconfig } from './kubeconfig.ts'
import { kubeletConfig } from './kubelet-config.ts'
import { layout } from './layout.ts'
import { staticPodManifest, staticPodOrder } from './manifests.ts'
import { ADMIN, createPki, type Pki } from './pki.ts'
import { shellFiles } from './shell-files.ts'
import type { AgentCredentials, ClusterFiles, ClusterSpec, NodeFile, NodeFiles } from './spec.ts'
import { checkTimers } from './timers.ts'
import { HAPROXY_CONFIG, KEEPALIVED_CONFIG } from './units.ts'

/**
 * Every file of every node of a new cluster, with new keys, and what the agent itself needs.
 * Throws `bad-timers`.
 */
export async function clusterFiles(spec: ClusterSpec): Promise<ClusterFiles> {
  checkTimers(spec.timers ?? {})
  const pki = await createPki(spec.topology)
  const sshKey = randomBytes(32).toString('hex')
  const nodes = layout(spec.topology)
  return {
    nodes: new Map(nodes.map((node) => [node.name, filesOf(node, spec, pki, sshKey)])),
    directories: new Map(nodes.map((node) => [node.name, directoriesOf(node)])),
    agent: agentCredentials(pki, sshKey),
  }
}

type Files = Record<string, NodeFile>

function filesOf(node: NodeSummary, spec: ClusterSpec, pki: Pki, sshKey: string): NodeFiles {
  return new Map(
    Object.entries({
      ...baseSystem(node, spec.topology),
      ...shellFiles(node),
      [`${homeOf(node)}/.ssh/lab-key`]: secret(`${sshKey}\n`),
      ...roleFiles(node, spec, pki),
    }),
  )
}

function roleFiles(node: NodeSummary, spec: ClusterSpec, pki: Pki): Files {
  switch (node.role) {
    case 'workstation':
      return {
        [WORKSTATION_KUBECONFIG]: secret(
          kubeconfigFor(pki, ENDPOINT.name, ADMIN, pki.people.learner),
        ),
      }
    case 'load-balancer':
      return balancerFiles(node, spec)
    case 'control-plane':
      return {
        ...controlPlaneFiles(node, spec, pki),
        ...etcdFiles(node, pki),
        ...kubeletFiles(node, node.address, pki),
      }
    case 'worker':
      return {
        [`${PKI}/ca.crt`]: readable(pki.authorities.kubernetes.pem.cert),
        ...kubeletFiles(node, ENDPOINT.name, pki),
      }
    case 'etcd':
      return etcdFiles(node, pki)
  }
}

function balancerFiles(node: NodeSummary, { topology }: ClusterSpec): Files {
  const haproxy = { [HAPROXY_CONFIG]: readable(haproxyConfig(topology)) }
  if (topology.balancers === 1) return haproxy
  return {
    ...haproxy,
    [KEEPALIVED_CONFIG]: readable(keepalivedConfig(node, topology)),
    [CHECK_SCRIPT]: { content: CHECK_SCRIPT_CONTENT, mode: 0o755 },
  }
}

function controlPlaneFiles(
  node: NodeSummary,
  { topology, timers = {} }: ClusterSpec,
  pki: Pki,
): Files {
  const { kubernetes, etcd, frontProxy } = pki.authorities
  const own = required(pki.controlPlanes.get(node.name))
  const manifests = staticPodOrder(topology).map((name) => [
    `${MANIFESTS}/${name}.yaml`,
    secret(staticPodManifest(name, node, topology, timers)),
  ])
  return {
    ...pair(`${PKI}/ca`, kubernetes.pem),
    ...pair(`${PKI}/front-proxy-ca`, frontProxy.pem),
    // With external etcd its authority's key stays on etcd's own hosts.
    [`${PKI}/etcd/ca.crt`]: readable(etcd.pem.cert),
    [`${PKI}/sa.pub`]: secret(pki.tokenKeys.publicKey),
    [`${PKI}/sa.key`]: secret(pki.tokenKeys.privateKey),
    ...pair(`${PKI}/apiserver`, own.apiserver),
    ...pair(`${PKI}/apiserver-kubelet-client`, own.apiserverKubeletClient),
    ...pair(`${PKI}/apiserver-etcd-client`, own.apiserverEtcdClient),
    ...pair(`${PKI}/front-proxy-client`, own.frontProxyClient),
    '/etc/kubernetes/admin.conf': secret(kubeconfigFor(pki, ENDPOINT.name, ADMIN, own.admin)),
    '/etc/kubernetes/controller-manager.conf': secret(
      kubeconfigFor(pki, node.address, 'system:kube-controller-manager', own.controllerManager),
    ),
    '/etc/kubernetes/scheduler.conf': secret(
      kubeconfigFor(pki, node.address, 'system:kube-scheduler', own.scheduler),
    ),
    ...(Object.fromEntries(manifests) as Files),
  }
}

/** Files of a member's node; none on a control plane whose etcd lives elsewhere. */
function etcdFiles(node: NodeSummary, pki: Pki): Files {
  const own = pki.etcd.get(node.name)
  if (!own) return {}
  return {
    ...pair(`${PKI}/etcd/ca`, pki.authorities.etcd.pem),
    ...pair(`${PKI}/etcd/server`, own.server),
    ...pair(`${PKI}/etcd/peer`, own.peer),
    ...pair(`${PKI}/etcd/healthcheck-client`, own.healthcheckClient),
  }
}

function kubeletFiles(node: NodeSummary, server: string, pki: Pki): Files {
  const own = required(pki.kubelets.get(node.name))
  const client = `${KUBELET_PKI}/kubelet-client-current.pem`
  return {
    '/etc/kubernetes/kubelet.conf': secret(
      kubeconfigFor(pki, server, `system:node:${node.name}`, { file: client }),
    ),
    [client]: secret(own.kubeletClient.cert + own.kubeletClient.key),
    ...pair(`${KUBELET_PKI}/kubelet`, own.kubeletServing),
    [KUBELET_CONFIG]: readable(kubeletConfig()),
  }
}

function kubeconfigFor(
  { authorities }: Pki,
  server: string,
  user: string,
  credentials: Parameters<typeof kubeconfig>[3],
): string {
  const url = `https://${server}:${PORTS.api}`
  return kubeconfig(url, authorities.kubernetes.pem.cert, user, credentials)
}

function pair(path: string, { cert, key }: PemPair): Files {
  return { [`${path}.crt`]: readable(cert), [`${path}.key`]: secret(key) }
}

function directoriesOf({ role }: NodeSummary): Map<string, number> {
  switch (role) {
    case 'control-plane':
      return new Map([[MANIFESTS, 0o700]])
    case 'worker':
      return new Map([[MANIFESTS, 0o755]])
    case 'load-balancer':
      return new Map([['/var/lib/haproxy', 0o755]])
    default:
      return new Map()
  }
}

function agentCredentials(pki: Pki, sshKey: string): AgentCredentials {
  const { recorder, grader, etcdClient } = pki.people
  return {
    ca: pki.authorities.kubernetes.pem.cert,
    etcdCa: pki.authorities.etcd.pem.cert,
    recorder,
    grader,
    etcdClient,
    nodes: pki.kubelets,
    sshKey,
  }
}

/** The pairs were made for the same layout that asks for them here. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('no certificate was made for this node')
  return value
}
