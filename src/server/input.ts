/** What the page may say, checked before it goes anywhere. */
import { z } from 'zod'
import { HalabError } from '../errors.ts'
import { FAULTS } from '../wire/evidence.ts'
import type { StartRequest } from '../wire/server-api.ts'

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)

export const RUN = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/)
export const ID = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/)
export const LESSON = z.string().regex(/^[a-z0-9][a-z0-9/-]{0,119}$/)

export const START: z.ZodType<StartRequest> = z.strictObject({
  lab: name,
  engine: z.enum(['namespaces', 'kind', 'pods']).optional(),
  seed: z.int().min(0).max(0x7fff_ffff).optional(),
})
export const CHECK = z.strictObject({ tasks: z.array(name).min(1).max(100).optional() })
export const ANSWER = z.strictObject({ value: z.string().max(2_000) })
/** `by` is not the page's to say. */
export const FAULT = z.object({
  fault: z.enum(FAULTS),
  target: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}(\/[a-z0-9][a-z0-9/._-]{0,200})?$/),
  from: z.array(name).min(1).max(50).optional(),
  oneWay: z.boolean().optional(),
})
export const TERMINAL = z.strictObject({ node: name })
export const TOKEN = z.strictObject({ token: z.string().min(1).max(200) })
export const LESSON_STATE = z.strictObject({ state: z.enum(['seen', 'done']) })
export const EMPTY = z.strictObject({}).optional()
export const EVIDENCE_QUERY = z.strictObject({
  kind: z
    .string()
    .regex(/^[a-z]{2,20}$/)
    .optional(),
  from: z.coerce.number().int().min(1).optional(),
})

/** Throws `bad-input` with the path of the first mistake. */
export function check<T>(schema: z.ZodType<T>, value: unknown, where = 'body'): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = [where, ...(issue?.path ?? [])].join('.')
  throw new HalabError('bad-input', `${path}: ${issue?.message ?? 'not understood'}`)
}
