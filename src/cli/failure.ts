/** Any thrown value as what a person reads, what a machine reads, and an exit status. */
import { errorBody } from '../errors.ts'
import { EXIT } from './exit.ts'
import { type Io, note, paint, printJson } from './io.ts'

/** Codes of what the caller got wrong; everything else is the machine's or the lab's failure. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  'usage',
  'name-taken',
  'not-a-question',
  'not-a-terminal',
  'lab-broken',
  'grader-broken',
])

/**
 * `halab: CODE message` and the hint below it on stderr, always; with `--json` also
 * `{"error": {code, message, hint}}` on stdout. Returns the exit status.
 */
export function reportFailure(error: unknown, io: Io, program: string): number {
  const body = errorBody(error)
  note(io, `${paint(io.stderr, 'red', `${program}: ${body.code}`)} ${body.message}`)
  if (body.hint) note(io, `  ${body.hint}`)
  if (io.json) printJson(io, { error: body })
  return exitStatusOf(body.code)
}

function exitStatusOf(code: string): number {
  if (code === 'interrupted') return EXIT.interrupted
  const callers = USAGE_CODES.has(code) || code.startsWith('unknown-') || code.startsWith('bad-')
  return callers ? EXIT.usage : EXIT.failed
}
