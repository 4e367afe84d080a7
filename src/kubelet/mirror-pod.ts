import type { KubeNode, KubePod } from '../kube/index.ts'
import { CONFIG_HASH, CONFIG_MIRROR } from './manifest.ts'

/**
 * What the API shows of a static Pod. NodeRestriction demands that its node owns it; the API server
 * draws an uid of its own for it.
 */
export function mirrorPod(pod: KubePod, node: KubeNode): KubePod {
  const { uid: _, ...metadata } = pod.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      annotations: {
        ...metadata.annotations,
        [CONFIG_MIRROR]: metadata.annotations?.[CONFIG_HASH] ?? '',
      },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Node',
          name: node.metadata?.name ?? '',
          uid: node.metadata?.uid ?? '',
          controller: true,
        },
      ],
    },
    ...(pod.spec && { spec: pod.spec }),
  }
}
