/** What of a run stays on disk beside its evidence: attempts and hints, and the last verdicts. */
import { readFile, writeFile } from 'node:fs/promises'
import { paths } from '../engines/namespaces/paths.ts'
import type { TaskCounts } from '../grading/index.ts'
import type { Results } from '../wire/results.ts'

export type Counts = Record<string, TaskCounts>

const file = (name: string) => `${paths.archive}/${name}.json`

export async function readCounts(): Promise<Counts> {
  try {
    return JSON.parse(await readFile(file('counts'), 'utf8')) as Counts
  } catch {
    return {}
  }
}

export const keepCounts = (counts: Counts) => keep('counts', counts)
export const keepResults = (results: Results) => keep('results', results)

/** A full disk must not end the lab: what could not be kept is said in the agent's log. */
async function keep(name: string, value: unknown): Promise<void> {
  try {
    await writeFile(file(name), JSON.stringify(value), { mode: 0o600 })
  } catch (error) {
    console.error(`${name} were not kept:`, error)
  }
}
