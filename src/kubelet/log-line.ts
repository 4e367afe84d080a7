import { LOG_LINE_MAX_BYTES } from './limits.ts'

export type LogStream = 'stdout' | 'stderr'

const NEWLINE = 0x0a

/** Time in the form that CRI logs use: RFC 3339 with nanoseconds. */
export function nanoTime(epochMs: number): string {
  const whole = Math.floor(epochMs)
  const nanos = Math.min(999_999, Math.floor((epochMs - whole) * 1e6))
  return new Date(whole).toISOString().replace('Z', `${String(nanos).padStart(6, '0')}Z`)
}

/**
 * Cuts the output of one stream into CRI log lines: `<time> <stream> F <line>`, or tag `P` for the
 * first parts of a line that is too long. Bytes stay as they are.
 */
export function criFormatter(stream: LogStream) {
  let pending: Buffer[] = []
  let pendingBytes = 0

  function cut(tag: 'F' | 'P', time: string): Buffer {
    const line = Buffer.concat([Buffer.from(`${time} ${stream} ${tag} `), ...pending, LINE_END])
    pending = []
    pendingBytes = 0
    return line
  }
  function keep(part: Buffer, time: string, lines: Buffer[]): void {
    let rest = part
    while (pendingBytes + rest.length > LOG_LINE_MAX_BYTES) {
      const room = LOG_LINE_MAX_BYTES - pendingBytes
      pending.push(rest.subarray(0, room))
      lines.push(cut('P', time))
      rest = rest.subarray(room)
    }
    pending.push(rest)
    pendingBytes += rest.length
  }

  return {
    /** The lines that are complete with this chunk. */
    push(chunk: Buffer, time: string): Buffer {
      const lines: Buffer[] = []
      let start = 0
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end), time, lines)
        lines.push(cut('F', time))
        start = end + 1
      }
      if (start < chunk.length) keep(chunk.subarray(start), time, lines)
      return Buffer.concat(lines)
    },
    /** What was written without a newline when the stream ended. */
    end(time: string): Buffer {
      return pendingBytes > 0 ? cut('F', time) : Buffer.alloc(0)
    },
  }
}
const LINE_END = Buffer.from('\n')

export interface LogLine {
  readonly time: string
  readonly stream: LogStream
  readonly partial: boolean
  readonly content: Buffer
}

/** One CRI line without its newline; null when it is none. */
export function parseCriLine(line: Buffer): LogLine | null {
  const first = line.indexOf(0x20)
  const second = line.indexOf(0x20, first + 1)
  const third = line.indexOf(0x20, second + 1)
  if (first < 0 || second < 0 || third < 0) return null
  const stream = line.toString('latin1', first + 1, second)
  if (stream !== 'stdout' && stream !== 'stderr') return null
  return {
    time: line.toString('latin1', 0, first),
    stream,
    partial: line[second + 1] === 0x50,
    content: line.subarray(third + 1),
  }
}
