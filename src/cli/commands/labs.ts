import { labSummary, loadLabs } from '../../grading/load.ts'
import { checkoutDir } from '../../paths.ts'
import type { LabSummary } from '../../wire/lab.ts'
import { EXIT } from '../exit.ts'
import { type Io, note, paint, print, printJson } from '../io.ts'
import { table } from '../table.ts'

/** A broken definition is reported and does not hide the others. */
export async function labs(io: Io, root: string = checkoutDir): Promise<number> {
  const { labs: loaded, broken } = await loadLabs(root)
  const summaries = loaded.map(({ spec }) => labSummary(spec))
  if (io.json) printJson(io, summaries)
  else print(io, table([heading(io), ...summaries.map((lab) => row(lab))]))
  for (const lab of broken) {
    const where = lab.path ? `${lab.file}: ${lab.path}` : lab.file
    note(io, `${paint(io.stderr, 'red', 'halab: lab-broken')} ${where}: ${lab.message}`)
    note(io, `  ${lab.hint}`)
  }
  return EXIT.done
}

function heading(io: Io): string[] {
  return ['LAB', 'TITLE', 'MODULE', 'MINUTES', 'TASKS', 'POINTS'].map((name) =>
    paint(io.stdout, 'bold', name),
  )
}

function row({ id, title, module, minutes, tasks }: LabSummary): string[] {
  const points = tasks.reduce((sum, task) => sum + task.points, 0)
  return [id, title, module, String(minutes), String(tasks.length), String(points)]
}
