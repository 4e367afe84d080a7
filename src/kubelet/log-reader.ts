import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { NodeRuntime } from '../engines/types.ts'
import type { ContainerLog } from './container-log.ts'
import { parseCriLine } from './log-line.ts'
import type { LogLine } from './log-line.ts'
import { openOnNode } from './node-files.ts'

/** Of the API's PodLogOptions what a kubelet is told. */
export interface LogRequest {
  readonly follow: boolean
  readonly timestamps: boolean
  readonly tailLines: number | null
  readonly limitBytes: number | null
  /** Epoch ms; lines before it are left out. */
  readonly since: number | null
}

const CHUNK_BYTES = 64 * 1024
const NEWLINE = 0x0a

/**
 * The lines of a container's log as `kubectl logs` prints them. With `follow`, ends when the
 * container has ended and its last line was read, or when `signal` aborts.
 */
export async function* readLog(
  node: Pick<NodeRuntime, 'path' | 'name'>,
  log: Pick<ContainerLog, 'path' | 'ended' | 'onChange'>,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let left = request.limitBytes ?? Infinity
  for await (const line of lines(node, log, request, signal)) {
    if (request.since !== null && Date.parse(line.time) < request.since) continue
    const text = render(line, request.timestamps).subarray(0, left)
    left -= text.length
    yield text
    if (left <= 0) return
  }
}

function render(line: LogLine, timestamps: boolean): Buffer {
  const parts = timestamps ? [Buffer.from(`${line.time} `), line.content] : [line.content]
  if (!line.partial) parts.push(Buffer.from('\n'))
  return Buffer.concat(parts)
}

async function* lines(
  node: Pick<NodeRuntime, 'path' | 'name'>,
  log: Pick<ContainerLog, 'path' | 'ended' | 'onChange'>,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  let wake = Promise.withResolvers<void>()
  const unlisten = log.onChange(() => wake.resolve())
  const abort = () => wake.resolve()
  signal.addEventListener('abort', abort)
  let file = await openOnNode(node, log.path, constants.O_RDONLY)
  try {
    let at = request.tailLines === null ? 0 : await tailStart(file, request.tailLines)
    let rest = Buffer.alloc(0)
    while (!signal.aborted) {
      wake = Promise.withResolvers<void>()
      const { ended } = log
      for (;;) {
        const chunk = await readAt(file, at)
        if (chunk.length === 0 || signal.aborted) break
        at += chunk.length
        const whole = Buffer.concat([rest, chunk])
        const end = whole.lastIndexOf(NEWLINE) + 1
        yield* split(whole.subarray(0, end))
        rest = whole.subarray(end)
      }
      if (!request.follow || ended) return
      const next = await rotatedTo(node, log.path, file)
      if (next) {
        // What was still written to the old file before it was moved away is read first.
        const chunk = await readAt(file, at)
        if (chunk.length > 0) yield* split(Buffer.concat([rest, chunk]))
        await file.close()
        file = next
        at = 0
        rest = Buffer.alloc(0)
        continue
      }
      await wake.promise
    }
  } finally {
    unlisten()
    signal.removeEventListener('abort', abort)
    await file.close()
  }
}

function* split(bytes: Buffer): Generator<LogLine> {
  let start = 0
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    const line = parseCriLine(bytes.subarray(start, end))
    if (line) yield line
    start = end + 1
  }
}

async function readAt(file: FileHandle, position: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position)
  return buffer.subarray(0, bytesRead)
}

/** The new file under this name, when the open one was rotated away. */
async function rotatedTo(
  node: Pick<NodeRuntime, 'path' | 'name'>,
  path: string,
  file: FileHandle,
): Promise<FileHandle | null> {
  const next = await openOnNode(node, path, constants.O_RDONLY).catch(() => null)
  if (!next) return null
  const [before, after] = await Promise.all([file.stat(), next.stat()])
  if (before.ino !== after.ino) return next
  await next.close()
  return null
}

/** Where the last `count` lines begin, found from the end. */
async function tailStart(file: FileHandle, count: number): Promise<number> {
  const { size } = await file.stat()
  if (count <= 0) return size
  let newlines = 0
  for (let end = size; end > 0; end -= Math.min(end, CHUNK_BYTES)) {
    const start = Math.max(0, end - CHUNK_BYTES)
    const chunk = (await readAt(file, start)).subarray(0, end - start)
    for (let index = chunk.length - 1; index >= 0; index--) {
      // The newline that ends the file begins no line.
      if (chunk[index] !== NEWLINE || start + index === size - 1) continue
      newlines += 1
      if (newlines === count) return start + index + 1
    }
  }
  return 0
}
