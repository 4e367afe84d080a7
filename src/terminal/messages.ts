/** The JSON half of lab-term.v1, checked as it comes in. */
import { z } from 'zod'
import { HalabError } from '../errors.ts'
import type { TerminalClientMessage, TerminalServerMessage } from '../wire/terminal.ts'
import { TERMINAL_LIMITS } from './limits.ts'

/** A hidden page measures 0 columns: legal to send, ignored by the session. */
const cells = z.int().min(0).max(10_000)
const offset = z.int().min(0)
const id = z.string().min(1).max(64)

const CLIENT_MESSAGE = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    v: z.literal(1),
    cols: cells,
    rows: cells,
    want: z.enum(['control', 'view']),
    resume: z.strictObject({ epoch: id, offset, you: id.optional() }).optional(),
  }),
  z.strictObject({ type: z.literal('resize'), cols: cells, rows: cells }),
  z.strictObject({
    type: z.literal('control'),
    op: z.enum(['request', 'grant', 'deny', 'release', 'take']),
  }),
  z.strictObject({
    type: z.literal('run'),
    blockId: z.string().max(200),
    text: z.string().min(1).max(TERMINAL_LIMITS.inputBytes),
    enter: z.boolean(),
  }),
  z.strictObject({ type: z.literal('ping'), t: z.number() }),
])

/** Throws `bad-message`, naming the field, for anything that a client of lab-term.v1 would not send. */
export function parseClientMessage(text: string): TerminalClientMessage {
  const parsed = CLIENT_MESSAGE.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path.join('.') || 'message'
  throw new HalabError('bad-message', `${path}: ${issue?.message ?? 'not understood'}`)
}

const SERVER_TYPES: ReadonlySet<string> = new Set<TerminalServerMessage['type']>([
  'welcome',
  'snapshot',
  'size',
  'role',
  'viewers',
  'control',
  'title',
  'lag',
  'idle',
  'exit',
  'error',
  'pong',
])

/** The server is ours: only its type is checked, so that an older client meets a newer server unharmed. */
export function parseServerMessage(text: string): TerminalServerMessage | null {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || !('type' in value)) return null
  const { type } = value
  if (typeof type !== 'string' || !SERVER_TYPES.has(type)) return null
  return value as TerminalServerMessage
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new HalabError('bad-message', 'A text frame must be JSON', { cause })
  }
}
