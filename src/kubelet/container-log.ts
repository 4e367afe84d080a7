import { constants } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { NodeRuntime } from '../engines/types.ts'
import { coalesced } from './coalesced.ts'
import { LOG_ROTATE_BYTES, LOG_ROTATED_FILES } from './limits.ts'
import { criFormatter, nanoTime } from './log-line.ts'
import type { LogStream } from './log-line.ts'
import { openOnNode, fileOnNode } from './node-files.ts'

/** The log of one run of a container, in CRI's format, on its node. */
export interface ContainerLog {
  /** As named on the node. */
  readonly path: string
  readonly ended: boolean
  write(stream: LogStream, chunk: Buffer): void
  /** Writes what is pending and closes the file. */
  end(): Promise<void>
  /** Called after each write, and once at the end; returns how to stop listening. */
  onChange(listener: () => void): () => void
}

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT

/** The folder must exist. Errors while writing (a full disk) lose lines, never the container. */
export async function openContainerLog(
  node: Pick<NodeRuntime, 'path' | 'name'>,
  path: string,
  rotateBytes = LOG_ROTATE_BYTES,
): Promise<ContainerLog> {
  let file: FileHandle | null = await openOnNode(node, path, APPEND)
  let size = (await file.stat()).size
  let queue: Buffer[] = []
  let ended = false
  const listeners = new Set<() => void>()
  const format = { stdout: criFormatter('stdout'), stderr: criFormatter('stderr') }
  const tell = () => listeners.forEach((listener) => listener())
  const now = () => nanoTime(performance.timeOrigin + performance.now())

  function enqueue(lines: Buffer): void {
    if (lines.length === 0) return
    queue.push(lines)
    writer.poke()
  }
  const writer = coalesced(async () => {
    const batch = Buffer.concat(queue)
    queue = []
    if (batch.length === 0) return
    try {
      if (size > 0 && size + batch.length > rotateBytes) await rotate()
      await file?.write(batch)
      size += batch.length
    } catch {
      return
    }
    tell()
  })
  async function rotate(): Promise<void> {
    await file?.close()
    file = null
    const outside = await fileOnNode(node, path)
    const stamp = new Date().toISOString().replace(/[-:.]/g, '')
    await rename(outside, `${outside}.${stamp}`)
    file = await openOnNode(node, path, APPEND)
    size = 0
    const rotated = (await readdir(dirname(outside)))
      .filter((name) => name.startsWith(`${basename(outside)}.`))
      .sort()
    for (const name of rotated.slice(0, -LOG_ROTATED_FILES)) {
      await rm(`${dirname(outside)}/${name}`, { force: true })
    }
  }

  return {
    path,
    get ended() {
      return ended
    },
    write(stream, chunk) {
      if (!ended) enqueue(format[stream].push(chunk, now()))
    },
    async end() {
      if (ended) return
      ended = true
      enqueue(format.stdout.end(now()))
      enqueue(format.stderr.end(now()))
      await writer.idle()
      await file?.close()
      file = null
      tell()
      listeners.clear()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
