/**
 * How the lab's `ssh` speaks to its listener: frames of a type byte, a length (uint32, big endian)
 * and a payload. The client's first frame is a hello; the listener's last is an exit.
 * Real sshd cannot serve root of a namespace that maps a single uid: it may not set groups there.
 */
export const FRAME = {
  /** client → listener, JSON: SshHello */
  hello: 1,
  /** client → listener: standard input; an empty one is its end. */
  stdin: 2,
  /** client → listener, JSON: {cols, rows} */
  resize: 3,
  /** client → listener: name of a signal */
  signal: 4,
  /** listener → client */
  stdout: 5,
  stderr: 6,
  /** listener → client, JSON: {code, signal} */
  exit: 7,
  /** listener → client: a sentence; the connection ends. */
  refused: 8,
} as const

export interface SshHello {
  readonly key: string
  /** Absent: a login shell. */
  readonly command?: string
  /** Present: a pty is wanted. */
  readonly size?: { readonly cols: number; readonly rows: number }
  readonly term?: string
}

export const SSH_PORT = 22
export const MAX_FRAME_BYTES = 1 << 20

export function frame(type: number, payload: Uint8Array | string = ''): Buffer {
  const body = Buffer.from(payload as string)
  const head = Buffer.alloc(5)
  head.writeUInt8(type, 0)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** Feeds bytes in, calls back with whole frames. Throws on a frame that is too large. */
export function frameReader(
  onFrame: (type: number, payload: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 5) {
      const length = rest.readUInt32BE(1)
      if (length > MAX_FRAME_BYTES) throw new Error('frame too large')
      if (rest.length < 5 + length) return
      const type = rest.readUInt8(0)
      const payload = rest.subarray(5, 5 + length)
      rest = rest.subarray(5 + length)
      onFrame(type, payload)
    }
  }
}
