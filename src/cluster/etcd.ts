import { HalabError } from '../errors.ts'
import type { LabTimers, NodeName, NodeSummary, Topology } from '../wire/lab.ts'
import { command } from './command-line.ts'
import { DEFAULT_TIMERS, ETCD_DATA, PKI, PORTS } from './facts.ts'
import { etcdNodes } from './layout.ts'

interface EtcdMember {
  readonly name: NodeName
  readonly address: string
  readonly peerUrl: string
  readonly clientUrl: string
}

/** The members that a new cluster begins with; as `--initial-cluster`: `name=peerUrl,…`. */
export function initialCluster(topology: Topology): EtcdMember[] {
  return etcdNodes(topology).map(member)
}

export function initialClusterFlag(topology: Topology): string {
  return initialCluster(topology)
    .map(({ name, peerUrl }) => `${name}=${peerUrl}`)
    .join(',')
}

function member({ name, address }: NodeSummary): EtcdMember {
  return {
    name,
    address,
    peerUrl: `https://${address}:${PORTS.etcdPeer}`,
    clientUrl: `https://${address}:${PORTS.etcdClient}`,
  }
}

/**
 * kubeadm's flags but one: with InitialCorruptCheck a member with data asks its peers for their
 * hashes before it serves them, so that three members that start together wait 14 s for each other.
 * All members are told the whole cluster as new, where kubeadm joins them one by one: with an empty
 * data directory they form it together, with a restored one etcd ignores it.
 */
export function etcdCommand(node: NodeSummary, topology: Topology, timers: LabTimers): string[] {
  const { name, peerUrl, clientUrl } = member(node)
  const quota = timers.etcdQuotaBytes ?? DEFAULT_TIMERS.etcdQuotaBytes
  return command('etcd', {
    'advertise-client-urls': clientUrl,
    'cert-file': `${PKI}/etcd/server.crt`,
    'client-cert-auth': 'true',
    'data-dir': ETCD_DATA,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': initialClusterFlag(topology),
    'key-file': `${PKI}/etcd/server.key`,
    'listen-client-urls': `https://127.0.0.1:${PORTS.etcdClient},${clientUrl}`,
    'listen-metrics-urls': `http://127.0.0.1:${PORTS.etcdMetrics}`,
    'listen-peer-urls': peerUrl,
    name,
    'peer-cert-file': `${PKI}/etcd/peer.crt`,
    'peer-client-cert-auth': 'true',
    'peer-key-file': `${PKI}/etcd/peer.key`,
    'peer-trusted-ca-file': `${PKI}/etcd/ca.crt`,
    'quota-backend-bytes': quota === DEFAULT_TIMERS.etcdQuotaBytes ? undefined : String(quota),
    'snapshot-count': '10000',
    'trusted-ca-file': `${PKI}/etcd/ca.crt`,
    'watch-progress-notify-interval': '5s',
  })
}

/**
 * Arguments of `etcdutl` that make one member's data directory out of a snapshot. The directory
 * must not exist or be empty; `dataDir` is another path where it is restored from outside the node.
 * Throws `unknown-member`.
 */
export function etcdRestoreArgs(
  name: NodeName,
  topology: Topology,
  snapshotPath: string,
  dataDir: string = ETCD_DATA,
): string[] {
  const members = initialCluster(topology)
  const own = members.find((one) => one.name === name)
  if (!own) {
    throw new HalabError('unknown-member', `${name} is no etcd member`, {
      hint: `Members: ${members.map((one) => one.name).join(', ')}`,
    })
  }
  return [
    'snapshot',
    'restore',
    snapshotPath,
    `--name=${own.name}`,
    `--data-dir=${dataDir}`,
    `--initial-cluster=${initialClusterFlag(topology)}`,
    `--initial-advertise-peer-urls=${own.peerUrl}`,
  ]
}
