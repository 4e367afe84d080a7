import { constants } from 'node:fs'
import { mkdir, open, realpath } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { posix, sep } from 'node:path'
import type { NodeRuntime } from '../engines/types.ts'
import { HalabError } from '../errors.ts'

export type NodeFiles = Pick<NodeRuntime, 'path' | 'name'>

/**
 * Where the agent finds a folder of the node. Whoever is root on the node could leave a symbolic link
 * there that leads out of it, to files that only the agent may read: such a path is refused.
 * Throws HalabError `outside-node`, or ENOENT when the folder does not exist.
 */
export async function folderOnNode(node: NodeFiles, inNode: string): Promise<string> {
  const top = `/${inNode.split('/')[1] ?? ''}`
  const [root, folder] = await Promise.all([realpath(node.path(top)), realpath(node.path(inNode))])
  if (folder !== root && !folder.startsWith(root + sep)) {
    throw new HalabError('outside-node', `${inNode} on ${node.name} leads out of the node`, {
      hint: `replace the symbolic link on ${node.name} by a folder`,
    })
  }
  return folder
}

/** Where the agent finds a file of the node; the file itself need not exist. See `folderOnNode`. */
export async function fileOnNode(node: NodeFiles, inNode: string): Promise<string> {
  return `${await folderOnNode(node, posix.dirname(inNode))}/${posix.basename(inNode)}`
}

/** As `open`, but a symbolic link in place of the file is an error. */
export async function openOnNode(
  node: NodeFiles,
  inNode: string,
  flags: number,
): Promise<FileHandle> {
  return open(await fileOnNode(node, inNode), flags | constants.O_NOFOLLOW, 0o640)
}

/** Makes a folder of the node, with its parents, each checked to stay on the node; answers where it is. */
export async function makeFolder(node: NodeFiles, inNode: string): Promise<string> {
  const parts = inNode.split('/').slice(1)
  let outside = node.path(`/${parts[0] ?? ''}`)
  for (let depth = 2; depth <= parts.length; depth++) {
    const folder = `/${parts.slice(0, depth).join('/')}`
    await mkdir(await fileOnNode(node, folder), { recursive: true })
    outside = await folderOnNode(node, folder)
  }
  return outside
}
