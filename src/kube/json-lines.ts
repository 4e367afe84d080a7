import { WATCH_LINE_MAX_BYTES } from './limits.ts'

const NEWLINE = 0x0a

/**
 * Parses a stream of JSON lines. Lines are cut in bytes, so a character split between two chunks
 * arrives whole. A last line without its newline was cut off and is dropped.
 * Throws SyntaxError on a line that is not JSON, RangeError on one longer than the limit.
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator {
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start)
      if (end < 0) break
      pending.push(chunk.subarray(start, end))
      const line = Buffer.concat(pending).toString('utf8')
      pending = []
      pendingBytes = 0
      start = end + 1
      if (line.trim() !== '') yield JSON.parse(line) as unknown
    }
    if (start === chunk.length) continue
    pendingBytes += chunk.length - start
    if (pendingBytes > WATCH_LINE_MAX_BYTES) throw new RangeError('a watch event is too long')
    pending.push(chunk.subarray(start))
  }
}
