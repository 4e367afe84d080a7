/** Puts a cluster's files onto its nodes, from outside: a node need not be on for that. */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ClusterFiles, NodeFiles } from '../../cluster/index.ts'
import { MANIFESTS } from '../../cluster/facts.ts'
import type { Cluster, Node } from '../../engines/types.ts'

/** All but the static-Pod manifests: those are what starts things, and boot decides in which order. */
export async function placeFiles(cluster: Cluster, files: ClusterFiles): Promise<void> {
  await Promise.all(
    [...cluster.nodes.values()].map(async (node) => {
      for (const [path, mode] of files.directories.get(node.name) ?? []) {
        await mkdir(node.path(path), { recursive: true })
        await chmod(node.path(path), mode)
      }
      await Promise.all(
        [...(files.nodes.get(node.name) ?? [])]
          .filter(([path]) => !isManifest(path))
          .map(([path, file]) => place(node, path, file)),
      )
    }),
  )
}

/** The kubelet starts what appears in its manifest folder. */
export async function placeManifest(node: Node, files: NodeFiles, name: string): Promise<void> {
  const path = `${MANIFESTS}/${name}.yaml`
  const file = files.get(path)
  if (file) await place(node, path, file)
}

const isManifest = (path: string) => path.startsWith(`${MANIFESTS}/`)

async function place(node: Node, path: string, file: { content: string; mode: number }) {
  const target = node.path(path)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, file.content, { mode: file.mode })
}
