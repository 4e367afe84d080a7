/** Validation of what a lab file exports. Loaded on demand: zod is not wanted where a lab is only imported. */
import { z } from 'zod'
import type { LabSpec } from './lab-definition.ts'

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'must be lower-case letters, digits and dashes')
const sentence = z.string().trim().min(1, 'must not be empty')
const positive = z.number().positive()

const topology = z.strictObject({
  controlPlanes: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(5)]),
  workers: z.int().min(0).max(9),
  etcd: z.enum(['stacked', 'external']),
  balancers: z.union([z.literal(1), z.literal(2)]),
})

const task = z.strictObject({
  id,
  title: sentence,
  points: z.int().min(0).max(100),
  kind: z.enum(['do', 'question']),
  hints: z.record(
    z.string().regex(/^(\*|[a-z0-9-]+)$/, 'must be a reason code, or *'),
    z.array(sentence).min(1, 'must hold at least one hint'),
  ),
})

const lab = z.strictObject({
  id,
  title: sentence,
  module: id,
  minutes: z.int().min(1).max(240),
  topology,
  timers: z
    .strictObject({
      leaseDurationSeconds: positive.optional(),
      renewDeadlineSeconds: positive.optional(),
      retryPeriodSeconds: positive.optional(),
      nodeMonitorGraceSeconds: positive.optional(),
      etcdQuotaBytes: positive.optional(),
    })
    .optional(),
  addons: z.array(z.enum(['kube-proxy'])).optional(),
  setup: z.custom<LabSpec['setup']>((value) => typeof value === 'function', 'must be a function'),
  tasks: z.array(task).min(1, 'must hold at least one task').superRefine(uniqueIds),
  engines: z.array(z.enum(['namespaces', 'kind', 'pods'])).min(1, 'must name at least one engine'),
})

export type Checked =
  | { readonly ok: true; readonly spec: LabSpec }
  | { readonly ok: false; readonly path: string; readonly message: string }

/** The spec, or the first mistake in it with its path, e.g. `tasks[2].hints.leader-not-killed`. */
export function checkLab(value: unknown): Checked {
  const result = lab.safeParse(value)
  if (result.success) return { ok: true, spec: result.data }
  const [issue] = result.error.issues
  const path = [...(issue?.path ?? [])]
  // A key that should not be there is more easily found under its own name.
  if (issue?.code === 'unrecognized_keys') path.push(issue.keys[0] ?? '')
  return { ok: false, path: pathText(path), message: issue?.message ?? 'is no lab' }
}

function uniqueIds(tasks: readonly { readonly id: string }[], context: z.RefinementCtx): void {
  tasks.forEach((each, i) => {
    if (tasks.findIndex((other) => other.id === each.id) < i) {
      context.addIssue({ code: 'custom', path: [i, 'id'], message: `"${each.id}" is used twice` })
    }
  })
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}
