/**
 * `lab`, the same commands from a terminal inside a lab, for that lab alone. It runs on every
 * keystroke of Enter, so it reads its few words itself and loads nothing that it does not need.
 */
import { parseArgs } from 'node:util'
import { HalabError } from '../errors.ts'
import { type AgentClient, agentClient } from '../wire/agent-client.ts'
import { type EvidenceKind, FAULTS } from '../wire/evidence.ts'
import { endWith } from './end.ts'
import { EXIT } from './exit.ts'
import { reportFailure } from './failure.ts'
import type { Io } from './io.ts'
import { stopSignals } from './stop-signals.ts'

const HELP = `What you can do to your lab from here:

  lab check [TASK…] [--watch]     verdicts of all tasks or of those named
  lab hint TASK                   the next hint
  lab answer TASK VALUE           answer a question task
  lab nodes                       nodes and their addresses
  lab evidence [--follow] [--kind KIND]
  lab power-off | power-on | freeze | thaw NODE
  lab kill | term NODE/COMPONENT  SIGKILL or SIGTERM, e.g. lab kill cp-1/kube-scheduler
  lab unplug | plug NODE [--from NODE,…] [--one-way]
  lab reset                       back to the start state

Each takes --json. Exit status: 0 done, 1 the answer is no, 2 usage, 3 the lab failed.
`

type Streams = Pick<Io, 'stdin' | 'stdout' | 'stderr'>

/** Never throws; resolves with the exit status. */
export async function lab(
  argv: readonly string[],
  { stdin, stdout, stderr }: Streams = process,
  socketPath: string | undefined = process.env['HALAB_LAB_SOCKET'],
): Promise<number> {
  const io: Io = { stdin, stdout, stderr, json: argv.includes('--json') }
  try {
    const words = read(argv)
    if (words.help || words.verb === undefined || words.verb === 'help') {
      stdout.write(HELP)
      return words.verb === undefined && !words.help ? EXIT.usage : EXIT.done
    }
    if (socketPath === undefined) {
      throw new HalabError('no-lab', 'this terminal belongs to no lab', {
        hint: 'Outside of one it is `halab COMMAND NAME …`.',
      })
    }
    return await runVerb(words.verb, words, agentClient(socketPath, 'lab'), io)
  } catch (error) {
    return reportFailure(error, io, 'lab')
  }
}

interface Words {
  readonly verb: string | undefined
  readonly rest: readonly string[]
  readonly help: boolean
  readonly watch: boolean
  readonly follow: boolean
  readonly kind: string | undefined
  readonly from: string | undefined
  readonly oneWay: boolean
}

function read(argv: readonly string[]): Words {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h', default: false },
        watch: { type: 'boolean', default: false },
        follow: { type: 'boolean', default: false },
        kind: { type: 'string' },
        from: { type: 'string' },
        'one-way': { type: 'boolean', default: false },
      },
    })
    const [verb, ...rest] = positionals
    const { help, watch, follow, kind, from } = values
    return { verb, rest, help, watch, follow, kind, from, oneWay: values['one-way'] }
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause))
  }
}

async function runVerb(verb: string, words: Words, agent: AgentClient, io: Io): Promise<number> {
  const { rest } = words
  switch (verb) {
    case 'check': {
      const { check } = await import('./commands/check.ts')
      using stop = stopSignals()
      const { watch } = words
      return await check(
        agent,
        { tasks: rest, watch, hintCommand: 'lab hint', signal: stop.signal },
        io,
      )
    }
    case 'hint': {
      const [task] = exactly(1, rest, 'lab hint TASK')
      const { hint } = await import('./commands/task.ts')
      return hint(agent, task!, io)
    }
    case 'answer': {
      const [task, value] = exactly(2, rest, 'lab answer TASK VALUE')
      const { answer } = await import('./commands/task.ts')
      return answer(agent, task!, value!, io)
    }
    case 'nodes': {
      exactly(0, rest, 'lab nodes')
      const { nodes } = await import('./commands/nodes.ts')
      return nodes(agent, io)
    }
    case 'evidence': {
      exactly(0, rest, 'lab evidence [--follow] [--kind KIND]')
      const { evidence } = await import('./commands/evidence.ts')
      using stop = stopSignals()
      // An unknown kind matches nothing; `halab evidence` lists them.
      const kind = words.kind as EvidenceKind | undefined
      return await evidence(agent, { follow: words.follow, kind, signal: stop.signal }, io)
    }
    case 'reset': {
      exactly(0, rest, 'lab reset')
      const { changeState } = await import('./commands/state.ts')
      return changeState(agent, 'reset', io)
    }
    default:
      return inject(verb, words, agent, io)
  }
}

async function inject(verb: string, words: Words, agent: AgentClient, io: Io): Promise<number> {
  if (!(FAULTS as readonly string[]).includes(verb)) throw usage(`there is no \`lab ${verb}\``)
  const [target] = exactly(1, words.rest, `lab ${verb} NODE`)
  const { fault } = await import('./commands/fault.ts')
  const { from, oneWay } = words
  return fault(agent, { fault: verb, target: target!, from, oneWay }, io)
}

function exactly(count: number, rest: readonly string[], form: string): readonly string[] {
  if (rest.length !== count) throw usage(`it is \`${form}\``)
  return rest
}

function usage(message: string): HalabError {
  return new HalabError('usage', message, { hint: '`lab help` says what there is.' })
}

if (import.meta.main) await endWith(() => lab(process.argv.slice(2)))
