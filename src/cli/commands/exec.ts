import { once } from 'node:events'
import { constants } from 'node:os'
import type { AgentClient } from '../../wire/agent-client.ts'
import { EXIT } from '../exit.ts'
import { type Io, printJson } from '../io.ts'
import { type CommandEnd, startCommand } from '../node-command.ts'

export interface ExecOptions {
  readonly node: string
  readonly argv: readonly string[]
  readonly timeoutSeconds?: number
}

/**
 * Standard input, output and exit status as if the program ran here; 128 + n after signal n, 124
 * after the timeout. With `--json` the output is collected and printed with the exit status.
 * SIGINT is passed on to the program.
 */
export async function exec(agent: AgentClient, options: ExecOptions, io: Io): Promise<number> {
  const { node, argv, timeoutSeconds } = options
  const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  const timeoutMs = timeoutSeconds === undefined ? undefined : Math.round(timeoutSeconds * 1000)
  using command = startCommand(
    agent,
    { node, argv, ...(timeoutMs !== undefined && { timeoutMs }) },
    {
      stdin: io.stdin,
      output(stream, bytes) {
        if (io.json) collected[stream].push(bytes)
        else if (!io[stream].write(bytes)) return once(io[stream], 'drain').then(() => undefined)
        return undefined
      },
    },
  )
  const interrupt = () => command.signal('SIGINT')
  process.on('SIGINT', interrupt)
  try {
    const end = await command.ended
    if (io.json) {
      const [stdout, stderr] = [collected.stdout, collected.stderr].map((chunks) =>
        Buffer.concat(chunks).toString(),
      )
      printJson(io, { exitCode: end.exitCode, signal: end.signal, stdout, stderr })
    }
    return exitStatus(end)
  } finally {
    process.off('SIGINT', interrupt)
  }
}

function exitStatus({ exitCode, signal, timedOut }: CommandEnd): number {
  if (timedOut) return EXIT.timedOut
  if (exitCode !== null) return exitCode
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0)
}
