/** Who has which certificate: kubeadm's list, https://kubernetes.io/docs/setup/best-practices/certificates/ */
import type { NodeName, NodeSummary, Topology } from '../wire/lab.ts'
import { type Authority, createAuthority, createTokenKeys, type PemPair } from './certificates.ts'
import { CLUSTER_DOMAIN, ENDPOINT, KUBERNETES_SERVICE_ADDRESS } from './facts.ts'
import { etcdNodes, ofRole } from './layout.ts'
import type { KubeletCredentials } from './spec.ts'

export interface Pki {
  readonly authorities: Authorities
  readonly tokenKeys: { readonly publicKey: string; readonly privateKey: string }
  readonly controlPlanes: ReadonlyMap<NodeName, ControlPlanePairs>
  readonly etcd: ReadonlyMap<NodeName, EtcdPairs>
  readonly kubelets: ReadonlyMap<NodeName, KubeletCredentials>
  readonly people: PeoplePairs
}
interface Authorities {
  readonly kubernetes: Authority
  readonly etcd: Authority
  readonly frontProxy: Authority
}
interface ControlPlanePairs {
  readonly apiserver: PemPair
  readonly apiserverKubeletClient: PemPair
  readonly apiserverEtcdClient: PemPair
  readonly frontProxyClient: PemPair
  readonly admin: PemPair
  readonly controllerManager: PemPair
  readonly scheduler: PemPair
}
interface EtcdPairs {
  readonly server: PemPair
  readonly peer: PemPair
  readonly healthcheckClient: PemPair
}
interface PeoplePairs {
  readonly learner: PemPair
  readonly recorder: PemPair
  readonly grader: PemPair
  readonly etcdClient: PemPair
}

/** All keys are made at once: WebCrypto works in the thread pool. */
export async function createPki(topology: Topology): Promise<Pki> {
  const [kubernetes, etcd, frontProxy, tokenKeys] = await Promise.all([
    createAuthority('kubernetes'),
    createAuthority('etcd-ca'),
    createAuthority('front-proxy-ca'),
    createTokenKeys(),
  ])
  const authorities = { kubernetes, etcd, frontProxy }
  const kubeletNodes = [...ofRole(topology, 'control-plane'), ...ofRole(topology, 'worker')]
  const [controlPlanes, members, kubelets, people] = await Promise.all([
    byName(ofRole(topology, 'control-plane'), (node) =>
      controlPlanePairs(node, topology, authorities),
    ),
    byName(etcdNodes(topology), (node) => etcdPairs(node, etcd)),
    byName(kubeletNodes, (node) => kubeletPairs(node, kubernetes)),
    peoplePairs(authorities),
  ])
  return { authorities, tokenKeys, controlPlanes, etcd: members, kubelets, people }
}

async function byName<T>(
  nodes: readonly NodeSummary[],
  issue: (node: NodeSummary) => Promise<T>,
): Promise<Map<NodeName, T>> {
  return new Map(
    await Promise.all(nodes.map(async (node) => [node.name, await issue(node)] as const)),
  )
}

async function controlPlanePairs(
  node: NodeSummary,
  topology: Topology,
  { kubernetes, etcd, frontProxy }: Authorities,
): Promise<ControlPlanePairs> {
  return settled({
    apiserver: kubernetes.issue({
      commonName: 'kube-apiserver',
      usages: ['server'],
      ...apiServerIdentity(node, topology),
    }),
    apiserverKubeletClient: client(kubernetes, 'kube-apiserver-kubelet-client', CLUSTER_ADMINS),
    apiserverEtcdClient: client(etcd, 'kube-apiserver-etcd-client'),
    frontProxyClient: client(frontProxy, 'front-proxy-client'),
    admin: client(kubernetes, ADMIN, MASTERS),
    controllerManager: client(kubernetes, 'system:kube-controller-manager'),
    scheduler: client(kubernetes, 'system:kube-scheduler'),
  })
}

/** kubeadm's, and every way by which a client in the lab may call a server: itself, endpoint, balancers. */
function apiServerIdentity(node: NodeSummary, topology: Topology): Identity {
  const balancers = ofRole(topology, 'load-balancer')
  return {
    names: [
      node.name,
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      `kubernetes.default.svc.${CLUSTER_DOMAIN}`,
      ENDPOINT.name,
      ...balancers.map(({ name }) => name),
      'localhost',
    ],
    addresses: [
      KUBERNETES_SERVICE_ADDRESS,
      node.address,
      ENDPOINT.address,
      ...balancers.map(({ address }) => address),
      '127.0.0.1',
    ],
  }
}
interface Identity {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

async function etcdPairs({ name, address }: NodeSummary, etcd: Authority): Promise<EtcdPairs> {
  const member = {
    commonName: name,
    usages: ['server', 'client'] as const,
    names: [name, 'localhost'],
    addresses: [address, '127.0.0.1'],
  }
  return settled({
    server: etcd.issue(member),
    peer: etcd.issue(member),
    healthcheckClient: client(etcd, 'kube-etcd-healthcheck-client'),
  })
}

async function kubeletPairs(
  { name, address }: NodeSummary,
  kubernetes: Authority,
): Promise<KubeletCredentials> {
  const commonName = `system:node:${name}`
  return settled({
    kubeletClient: client(kubernetes, commonName, NODES),
    kubeletServing: kubernetes.issue({
      commonName,
      organization: NODES,
      usages: ['server'],
      names: [name],
      addresses: [address],
    }),
  })
}

async function peoplePairs({ kubernetes, etcd }: Authorities): Promise<PeoplePairs> {
  return settled({
    learner: client(kubernetes, ADMIN, MASTERS),
    recorder: client(kubernetes, 'halab:recorder', MASTERS),
    grader: client(kubernetes, 'halab:grader', MASTERS),
    etcdClient: client(etcd, 'halab:recorder'),
  })
}

export const ADMIN = 'kubernetes-admin'
const NODES = 'system:nodes'
const CLUSTER_ADMINS = 'kubeadm:cluster-admins'
/**
 * kubeadm gives its admin `kubeadm:cluster-admins`, which means something only once a binding was
 * made; a lab's admin must work from the first answer on, so it has what kubeadm's super-admin has.
 */
const MASTERS = 'system:masters'

function client(authority: Authority, commonName: string, organization?: string): Promise<PemPair> {
  return authority.issue({ commonName, organization, usages: ['client'] })
}

/** An object of promises as the promise of an object, all of them under way at once. */
async function settled<T extends object>(promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const entries = Object.entries(promises).map(async ([key, value]) => [key, await value] as const)
  return Object.fromEntries(await Promise.all(entries)) as T
}
