import { listRuns } from '../../engines/runs.ts'
import type { RunSummary } from '../../wire/lab.ts'
import { EXIT } from '../exit.ts'
import { type Io, note, paint, print, printJson } from '../io.ts'
import { table } from '../table.ts'

export async function ls(io: Io): Promise<number> {
  const runs = await listRuns()
  if (io.json) {
    printJson(io, runs.map(listed))
    return EXIT.done
  }
  if (runs.length === 0) note(io, 'No lab is running. `halab up LAB` starts one.')
  else print(io, table([heading(io), ...runs.map(row)]))
  return EXIT.done
}

function listed({ name, lab, engine, state, startedAt, memoryBytes }: RunSummary) {
  return { name, lab, engine, state, startedAt, memoryBytes }
}

function heading(io: Io): string[] {
  return ['NAME', 'LAB', 'ENGINE', 'STATE', 'AGE', 'MEMORY'].map((name) =>
    paint(io.stdout, 'bold', name),
  )
}

function row({ name, lab, engine, state, startedAt, memoryBytes }: RunSummary): string[] {
  const memory = memoryBytes === null ? '–' : `${Math.round(memoryBytes / 2 ** 20)} MiB`
  return [name, lab, engine, state, age(Date.now() - Date.parse(startedAt)), memory]
}

/** `45s`, `12m`, `3h`, `2d`: as kubectl tells ages, coarser. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 120) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}
