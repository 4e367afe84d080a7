import { createHash } from 'node:crypto'
import type { Topology } from '../wire/lab.ts'
import { CLUSTER_DOMAIN, SERVICE_CIDR, VERSIONS } from './facts.ts'
import { apiServerCommand, controllerManagerCommand } from './flags.ts'
import { ofRole } from './layout.ts'

/**
 * Names the snapshot that labs are booted from: another version or flag writes other objects into an
 * empty etcd. Timers and topology leave no trace there, so one snapshot serves every lab. Raise
 * CONTENT when what is stripped from it, or added to it, changes.
 */
export function goldenKey(): string {
  const reference: Topology = { controlPlanes: 1, workers: 0, etcd: 'stacked', balancers: 1 }
  const facts = {
    CONTENT,
    VERSIONS,
    SERVICE_CIDR,
    CLUSTER_DOMAIN,
    apiServer: ofRole(reference, 'control-plane').map((node) => apiServerCommand(node, reference)),
    controllerManager: controllerManagerCommand({}),
  }
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16)
}
const CONTENT = 1
