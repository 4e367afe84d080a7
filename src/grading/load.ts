/** Finding labs and graders in a checkout: `labs/<id>/lab.ts` exports `lab`, `graders/<id>.ts` exports `grader`. */
import { access, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HalabError } from '../errors.ts'
import type { LabSummary } from '../wire/lab.ts'
import type { Grader } from './grader.ts'
import type { LabSpec } from './lab-definition.ts'

export interface LoadedLab {
  readonly spec: LabSpec
  /** Absolute path of the lab's folder. */
  readonly folder: string
}

/** A lab that cannot be used, and where its author should look. */
export interface BrokenLab {
  readonly id: string
  /** Relative to the checkout. */
  readonly file: string
  /** In the definition, e.g. `tasks[1].hints.*`; empty when the file could not be read at all. */
  readonly path: string
  readonly message: string
  readonly hint: string
}

export interface Labs {
  readonly labs: readonly LoadedLab[]
  readonly broken: readonly BrokenLab[]
}

/** What labs/<id>/lab.ts exports as `lab`. It is checked when it is loaded. */
export function defineLab(spec: LabSpec): LabSpec {
  return spec
}

/** All labs below `root`, in the order of their ids. A broken one never hides another. */
export async function loadLabs(root: string): Promise<Labs> {
  const entries = await readdir(join(root, 'labs'), { withFileTypes: true })
  const ids = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const loaded = await Promise.all(ids.sort().map((id) => loadOne(root, id)))
  return {
    labs: loaded.filter((each) => 'spec' in each),
    broken: loaded.filter((each): each is BrokenLab => !('spec' in each)),
  }
}

/** Throws `unknown-lab`, `lab-broken`. */
export async function loadLab(root: string, id: string): Promise<LoadedLab> {
  // The id becomes part of a path: take only what could be one.
  const wellFormed = /^[a-z0-9][a-z0-9-]*$/.test(id)
  if (!wellFormed || !(await exists(join(root, 'labs', id)))) {
    const { labs } = await loadLabs(root)
    throw new HalabError('unknown-lab', `There is no lab ${JSON.stringify(id)}.`, {
      hint: `The labs are ${labs.map(({ spec }) => spec.id).join(', ')}.`,
    })
  }
  const lab = await loadOne(root, id)
  if ('spec' in lab) return lab
  const where = lab.path ? `${lab.file}: ${lab.path}` : lab.file
  throw new HalabError('lab-broken', `${where}: ${lab.message}`, { hint: lab.hint })
}

/** Throws `grader-broken` when the file is missing, cannot be read, or lacks a check for one of the lab's tasks. */
export async function loadGrader(root: string, id: string): Promise<Grader> {
  const { spec } = await loadLab(root, id)
  const file = join(root, 'graders', `${id}.ts`)
  const grader = await importExport<Grader>(file, 'grader').catch((cause: unknown) => {
    throw new HalabError('grader-broken', `graders/${id}.ts: ${reasonOf(cause)}`, {
      hint: 'Export `grader`, made with defineGrader, from it.',
      cause,
    })
  })
  const missing = spec.tasks.filter((task) => !(task.id in grader.tasks)).map((task) => task.id)
  const unknown = Object.keys(grader.tasks).filter(
    (key) => !spec.tasks.some((task) => task.id === key),
  )
  if (missing.length > 0 || unknown.length > 0 || grader.lab !== id) {
    throw new HalabError(
      'grader-broken',
      `graders/${id}.ts does not fit the lab: ${misfit(grader.lab, missing, unknown)}.`,
      {
        hint: `Its tasks must be those of labs/${id}/lab.ts: ${spec.tasks.map((task) => task.id).join(', ')}.`,
      },
    )
  }
  return grader
}

/** A row of `halab labs`. */
export function labSummary(spec: LabSpec): LabSummary {
  const { id, title, module, minutes, engines } = spec
  const tasks = spec.tasks.map(({ id, title, points, kind }) => ({ id, title, points, kind }))
  return { id, title, module, minutes, engines, tasks }
}

async function loadOne(root: string, id: string): Promise<LoadedLab | BrokenLab> {
  const folder = join(root, 'labs', id)
  const file = relative(root, join(folder, 'lab.ts'))
  const broken = (path: string, message: string, hint: string): BrokenLab => ({
    id,
    file,
    path,
    message,
    hint,
  })
  try {
    const value = await importExport(join(folder, 'lab.ts'), 'lab')
    const { checkLab } = await import('./lab-schema.ts')
    const checked = checkLab(value)
    if (!checked.ok) {
      return broken(
        checked.path,
        checked.message,
        'Correct the value at this path in the definition.',
      )
    }
    if (checked.spec.id !== id) {
      return broken(
        'id',
        `is "${checked.spec.id}", but the folder is ${id}`,
        'Give both the same name.',
      )
    }
    return { spec: checked.spec, folder }
  } catch (cause) {
    return broken('', reasonOf(cause), 'Export `lab`, made with defineLab, from this file.')
  }
}

async function importExport<T>(file: string, name: string): Promise<T> {
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(file).href)
  const value = (module as Readonly<Record<string, unknown>>)[name]
  if (value === undefined) throw new Error(`does not export \`${name}\``)
  return value as T
}

function misfit(lab: string, missing: readonly string[], unknown: readonly string[]): string {
  const parts = [
    missing.length > 0 && `no check for ${missing.join(', ')}`,
    unknown.length > 0 && `checks for unknown tasks ${unknown.join(', ')}`,
  ].filter((part) => part !== false)
  return parts.length > 0 ? parts.join('; ') : `it names the lab ${lab}`
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
