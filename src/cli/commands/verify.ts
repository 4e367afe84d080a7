import { endRun, launchRun } from '../../engines/launch.ts'
import {
  gateRun,
  type GateRow,
  type StartRun,
  verify as runGate,
} from '../../grading/gate/index.ts'
import { type LoadedLab, loadLab, loadLabs } from '../../grading/load.ts'
import { HalabError } from '../../errors.ts'
import { checkoutDir } from '../../paths.ts'
import type { EngineName } from '../../wire/lab.ts'
import { EXIT } from '../exit.ts'
import { type Io, paint, print, printJson } from '../io.ts'
import { prepare } from '../prepare.ts'
import { table } from '../table.ts'

export interface VerifyOptions {
  /** Empty: all. */
  readonly labs: readonly string[]
  readonly engine: EngineName
}

/** Exit 1 unless every row came as expected. Throws `lab-broken` before any lab starts. */
export async function verify(
  { labs: ids, engine }: VerifyOptions,
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  const labs = await labsToVerify(ids)
  await prepare('lab', { signal })
  const start: StartRun = async (lab) => {
    const run = await gateRun(await launchRun({ lab, engine }, signal), signal)
    // The next lab starts when nothing is left of this one: they would share the machine.
    return { ...run, [Symbol.asyncDispose]: () => endRun(run.name) }
  }
  const report = io.json ? undefined : (row: GateRow) => print(io, renderRow(row, io))
  const rows = await runGate({ labs, start, signal, ...(report && { report }) })
  if (io.json) printJson(io, rows.map(contractRow))
  return rows.every((row) => row.ok) ? EXIT.done : EXIT.no
}

async function labsToVerify(ids: readonly string[]): Promise<readonly LoadedLab[]> {
  if (ids.length > 0) return Promise.all(ids.map((id) => loadLab(checkoutDir, id)))
  const { labs, broken } = await loadLabs(checkoutDir)
  const [first] = broken
  if (!first) return labs
  throw new HalabError('lab-broken', `${first.file}: ${first.path} ${first.message}`, {
    hint: first.hint,
  })
}

function contractRow({ lab, run, expected, got, code, ms }: GateRow) {
  return { lab, run, expected, got, code, ms }
}

function renderRow({ lab, run, expected, got, code, ms, ok, message }: GateRow, io: Io): string {
  const mark = ok ? paint(io.stdout, 'green', '✓') : paint(io.stdout, 'red', '✗')
  const came = ok ? code : `expected ${expected}, got ${got} (${code})`
  const head = table([[mark, lab, run, `${(ms / 1000).toFixed(1)} s`, came]])
  return ok || !message ? head : `${head}\n   ${message.trim().replaceAll('\n', '\n   ')}`
}
