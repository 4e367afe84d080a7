import { checks } from '../../toolchain/index.ts'
import { EXIT } from '../exit.ts'
import { type Io, paint, print, printJson } from '../io.ts'

/** Exit 1 where this machine cannot run labs yet. */
export async function doctor(io: Io): Promise<number> {
  const diagnosis = await checks()
  if (io.json) printJson(io, diagnosis)
  else {
    for (const { id, ok, message, hint } of diagnosis.checks) {
      const mark = ok ? paint(io.stdout, 'green', '✓') : paint(io.stdout, 'red', '✗')
      print(io, `${mark} ${paint(io.stdout, 'bold', id)} ${message}`)
      if (hint) print(io, `   ${hint}`)
    }
  }
  return diagnosis.ok ? EXIT.done : EXIT.no
}
