import type { NodeRuntime } from '../engines/types.ts'
import type { KubePod } from '../kube/index.ts'
import { makeFolder } from './node-files.ts'

/** Folders of the node that a learner's Pod may bring into being; the rest of it is not ours to write. */
const WRITABLE = /^\/(etc|var|root|home)\//

/**
 * Makes a Pod's volumes before its containers start. Processes share the node's file system, so a
 * hostPath needs nothing but to exist; other kinds of volume are to be written here.
 */
export async function prepareVolumes(node: NodeRuntime, pod: KubePod): Promise<void> {
  for (const { hostPath } of pod.spec?.volumes ?? []) {
    if (hostPath?.type !== 'DirectoryOrCreate' || !WRITABLE.test(hostPath.path)) continue
    await makeFolder(node, hostPath.path)
  }
}
