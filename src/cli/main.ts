/** `halab` (and `lab` inside a lab's terminals): argv in, exit status out. */
import { CommanderError } from 'commander'
import { HalabError } from '../errors.ts'
import { EXIT } from './exit.ts'
import { reportFailure } from './failure.ts'
import type { Io } from './io.ts'
import { runProgram } from './program.ts'

/** Never throws: whatever goes wrong is printed, and told by the exit status. */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  const io: Io = { ...pick(streams), json: asksForJson(argv) }
  try {
    return await runProgram(argv, io)
  } catch (error) {
    if (error instanceof CommanderError) return usage(error, io)
    const status = reportFailure(error, io, 'halab')
    // The command on the node owns 0, 1 and 2; what halab itself says is 3.
    return argv[0] === 'exec' && status !== EXIT.interrupted ? EXIT.failed : status
  }
}
type Streams = Pick<Io, 'stdin' | 'stdout' | 'stderr'>

function pick({ stdin, stdout, stderr }: Streams): Streams {
  return { stdin, stdout, stderr }
}

/** Known before the words are parsed, because a mistake among them has to be told in that form. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json')
}

function usage(error: CommanderError, io: Io): number {
  if (error.exitCode === 0) return EXIT.done
  // Commander has printed the help already.
  if (error.code === 'commander.help') return EXIT.usage
  const message = error.message.replace(/^error: /, '')
  return reportFailure(
    new HalabError('usage', message, {
      hint: '`halab help` lists the commands, `halab COMMAND --help` what one takes.',
    }),
    io,
    'halab',
  )
}
