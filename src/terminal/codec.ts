/**
 * Binary frames of lab-term.v1: byte 0 the type, bytes 1-8 an unsigned 64-bit big-endian offset,
 * then the payload. Needs nothing of Node: the page uses it too.
 */
import { HalabError } from '../errors.ts'

export const FRAME = {
  /** Server → client. Offset: of the payload's first byte in the pty's output. */
  output: 0x01,
  /** Server → client. Offset: how far the output is once all parts of the snapshot are written. */
  snapshot: 0x02,
  /** Client → server. Offset 0; payload is what was typed, UTF-8. */
  input: 0x11,
  /** Client → server. Offset: how far the client has *parsed* the output; no payload. */
  ack: 0x12,
} as const
export type FrameType = (typeof FRAME)[keyof typeof FRAME]

export interface Frame {
  readonly type: FrameType
  readonly offset: number
  readonly payload: Uint8Array
}

const FRAME_HEAD_BYTES = 9
const TYPES: ReadonlySet<number> = new Set(Object.values(FRAME))
const isFrameType = (value: number): value is FrameType => TYPES.has(value)
const NOTHING: Uint8Array = new Uint8Array(0)

/** `offset` in bytes, an integer from 0 to 2^53 - 1; throws `bad-frame` otherwise. */
export function encodeFrame(
  type: FrameType,
  offset: number,
  payload: Uint8Array = NOTHING,
): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new HalabError('bad-frame', `A frame's offset cannot be ${offset}`)
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + payload.byteLength)
  bytes[0] = type
  new DataView(bytes.buffer).setBigUint64(1, BigInt(offset))
  bytes.set(payload, FRAME_HEAD_BYTES)
  return bytes
}

/** The payload is a view of `bytes`, not a copy. Throws `bad-frame` for anything but a frame. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.byteLength < FRAME_HEAD_BYTES)
    throw new HalabError('bad-frame', `A frame of ${bytes.byteLength} bytes has no head`)
  const type = bytes[0] ?? 0
  if (!isFrameType(type)) throw new HalabError('bad-frame', `Unknown frame type ${type}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const offset = view.getBigUint64(1)
  if (offset > BigInt(Number.MAX_SAFE_INTEGER))
    throw new HalabError('bad-frame', `A frame's offset cannot be ${offset}`)
  return { type, offset: Number(offset), payload: bytes.subarray(FRAME_HEAD_BYTES) }
}
