/** The words of `halab`: what each command is called, takes and answers. What it does is loaded when it runs. */
import { Argument, Command, Option } from 'commander'
import { FAULTS, type EvidenceKind } from '../wire/evidence.ts'
import type { EngineName } from '../wire/lab.ts'
import type { AgentClient } from '../wire/agent-client.ts'
import { EVIDENCE_KINDS, portNumber, seconds, wholeNumber } from './arguments.ts'
import type { Io } from './io.ts'
import { stopSignals } from './stop-signals.ts'

/** Runs one command line; resolves with its exit status. Throws CommanderError, HalabError. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  let status = 0
  const program = createProgram(io, (ended) => {
    status = ended
  })
  await program.parseAsync(argv, { from: 'user' })
  return status
}

const EXIT_HELP = `
Exit status: 0 done, 1 the answer is no, 2 usage or bad input, 3 the machine or the lab failed.
Errors are a line \`halab: CODE message\` and a hint on stderr; with --json also
{"error": {"code", "message", "hint"}} on stdout.`

function createProgram(io: Io, end: (status: number) => void): Command {
  const program = new Command('halab')
    .description('Kubernetes high availability, learned by breaking real control planes')
    .addHelpText('after', EXIT_HELP)
    .helpCommand('help [command]', 'what a command takes')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // The caller prints errors, in the form all of them have.
      outputError: () => undefined,
    })

  const command = (words: string, description: string): Command =>
    program
      .command(words)
      .description(description)
      .option('--json', 'print for machines')
      .addHelpText('after', EXIT_HELP)
  const withRun = async (name: string, work: (agent: AgentClient) => Promise<number>) => {
    const { connectRun } = await import('../engines/runs.ts')
    end(await work(await connectRun(name)))
  }

  addMachineCommands(command, io, end)
  addLabCommands(command, io, end, withRun)
  addTaskCommands(command, io, withRun)
  return program
}

type AddCommand = (words: string, description: string) => Command
type End = (status: number) => void
type WithRun = (name: string, work: (agent: AgentClient) => Promise<number>) => Promise<void>

function addMachineCommands(command: AddCommand, io: Io, end: End): void {
  command('doctor', 'what this machine can run, what is missing and how to get it').action(
    async () => {
      const { doctor } = await import('./commands/doctor.ts')
      end(await doctor(io))
    },
  )
  command('toolchain', 'fetch or build the binaries now, with progress')
    .option('--build', 'build them from source, whatever else there is')
    .action(async ({ build = false }: { build?: boolean }) => {
      const { toolchain } = await import('./commands/toolchain.ts')
      using stop = stopSignals()
      end(await toolchain(build, io, stop.signal))
    })
  command('serve', 'serve the course on this machine')
    .option('--host <host>', 'address to listen on; this machine only unless told')
    .option('--port <port>', 'instead of 4321, or the next free one', portNumber)
    .action(async (options: ServeWords) => {
      const { serve } = await import('./commands/serve.ts')
      using stop = stopSignals()
      end(await serve(options, io, stop.signal))
    })
  command(
    'verify [labs...]',
    'the author gate: solutions pass, wrong attempts fail, of these labs or all',
  )
    .addOption(engineOption())
    .action(async (labs: string[], { engine }: { engine: EngineName }) => {
      const { verify } = await import('./commands/verify.ts')
      using stop = stopSignals()
      end(await verify({ labs, engine }, io, stop.signal))
    })
  command('test [stages...]', 'every test of halab itself, or these stages of them').action(
    async (stages: string[]) => {
      const { test } = await import('./commands/test.ts')
      using stop = stopSignals()
      end(await test(stages, io, stop.signal))
    },
  )
}

function addLabCommands(command: AddCommand, io: Io, end: End, withRun: WithRun): void {
  command('labs', 'the labs').action(async () => {
    const { labs } = await import('./commands/labs.ts')
    end(await labs(io))
  })
  command('up <lab>', 'start a lab, wait for it and print its name')
    .addOption(engineOption())
    .option('--name <name>', 'a name for it instead of LAB-xxxx')
    .option('--seed <n>', 'for what a lab draws by chance', wholeNumber)
    .addOption(
      new Option('--wait <state>', 'what to wait for')
        .choices(['usable', 'ready'])
        .default('ready'),
    )
    .action(async (lab: string, options: UpWords) => {
      const { up } = await import('./commands/up.ts')
      using stop = stopSignals()
      end(await up({ lab, ...options }, io, stop.signal))
    })
  command('ls', 'running labs').action(async () => {
    const { ls } = await import('./commands/ls.ts')
    end(await ls(io))
  })
  command('exec <name> <node> <argv...>', 'run a command on a node: halab exec NAME NODE -- ARGV…')
    .option('--timeout <seconds>', 'end it after that, with exit status 124', seconds)
    .action(async (name: string, node: string, argv: string[], { timeout }: ExecWords) => {
      const { exec } = await import('./commands/exec.ts')
      await withRun(name, (agent) => exec(agent, { node, argv, timeoutSeconds: timeout }, io))
    })
  command('shell <name> [node]', 'an interactive terminal, on the workstation unless told').action(
    async (name: string, node?: string) => {
      const { shell } = await import('./commands/shell.ts')
      await withRun(name, (agent) => shell(agent, node ?? 'workstation', io))
    },
  )
  command('fault <name>', 'inject a fault')
    .addArgument(new Argument('<fault>', 'what happens').choices(FAULTS))
    .addArgument(new Argument('<target>', 'NODE or NODE/COMPONENT'))
    .option('--from <nodes>', 'unplug from, or plug to, these nodes only (separated by commas)')
    .option('--one-way', 'unplug: drop only what the others send')
    .action(async (name: string, fault: string, target: string, options: FaultWords) => {
      const commands = await import('./commands/fault.ts')
      commands.faultRequest({ fault, target, ...options })
      await withRun(name, (agent) => commands.fault(agent, { fault, target, ...options }, io))
    })
  command('evidence <name>', 'the evidence log')
    .option('--follow', 'go on until the lab ends')
    .addOption(new Option('--kind <kind>', 'lines of this kind only').choices(EVIDENCE_KINDS))
    .action(async (name: string, { follow = false, kind }: EvidenceWords) => {
      const { evidence } = await import('./commands/evidence.ts')
      using stop = stopSignals()
      const { signal } = stop
      await withRun(name, (agent) => evidence(agent, { follow, kind, signal }, io))
    })
  for (const [change, description] of [
    ['pause', 'freeze a lab'],
    ['resume', 'go on with a paused lab'],
    ['reset', 'back to the start state'],
  ] as const) {
    command(`${change} <name>`, description).action(async (name: string) => {
      const { changeState } = await import('./commands/state.ts')
      await withRun(name, (agent) => changeState(agent, change, io))
    })
  }
  command('down [name]', 'end a lab')
    .option('--all', 'end all of them')
    .action(async (name: string | undefined, { all = false }: { all?: boolean }) => {
      const commands = await import('./commands/down.ts')
      end(await commands.downNamed(name, all ? 'all' : 'one', io))
    })
}

interface ServeWords {
  readonly host?: string
  readonly port?: number
}
interface UpWords {
  readonly engine: EngineName
  readonly name?: string
  readonly seed?: number
  readonly wait: 'usable' | 'ready'
}
interface ExecWords {
  readonly timeout?: number
}
interface FaultWords {
  readonly from?: string
  readonly oneWay?: boolean
}
interface EvidenceWords {
  readonly follow?: boolean
  readonly kind?: EvidenceKind
}

function addTaskCommands(command: AddCommand, io: Io, withRun: WithRun): void {
  command('check <name> [tasks...]', 'verdicts of all tasks or of those named')
    .option('--watch', 'go on until all pass')
    .action(async (name: string, tasks: string[], { watch = false }: { watch?: boolean }) => {
      const { check } = await import('./commands/check.ts')
      using stop = stopSignals()
      const options = { tasks, watch, hintCommand: `halab hint ${name}`, signal: stop.signal }
      await withRun(name, (agent) => check(agent, options, io))
    })
  command('hint <name> <task>', 'the next hint for a task').action(
    async (name: string, task: string) => {
      const { hint } = await import('./commands/task.ts')
      await withRun(name, (agent) => hint(agent, task, io))
    },
  )
  command('answer <name> <task>', 'answer a question task')
    .addArgument(new Argument('<value>', 'what you answer'))
    .action(async (name: string, task: string, value: string) => {
      const { answer } = await import('./commands/task.ts')
      await withRun(name, (agent) => answer(agent, task, value, io))
    })
}

function engineOption(): Option {
  return new Option('--engine <engine>', 'what nodes are made of')
    .choices(['namespaces', 'kind', 'pods'])
    .default('namespaces')
}
