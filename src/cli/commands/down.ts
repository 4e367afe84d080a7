import { endRun } from '../../engines/launch.ts'
import { listRuns } from '../../engines/runs.ts'
import { HalabError } from '../../errors.ts'
import { EXIT } from '../exit.ts'
import { type Io, note, print, printJson } from '../io.ts'

/** Exactly one of a name and `all`, which a slip of the fingers must not turn into the other. */
export async function downNamed(
  name: string | undefined,
  which: 'one' | 'all',
  io: Io,
): Promise<number> {
  if (which === 'all' && name === undefined) return downAll(io)
  if (which === 'one' && name !== undefined) return down(name, io)
  throw new HalabError('usage', 'down takes the name of a lab, or --all', {
    hint: '`halab ls` lists the labs that run',
  })
}

/** Ends one lab and waits until nothing of it is left. */
async function down(name: string, io: Io): Promise<number> {
  const names = (await listRuns()).map((run) => run.name)
  if (!names.includes(name)) {
    throw new HalabError('unknown-run', `no lab named ${name} is running`, {
      hint: names.length > 0 ? `running: ${names.join(', ')}` : 'no lab is running',
    })
  }
  const ended = await end(name)
  if (io.json) printJson(io, ended)
  else print(io, `${ended.name} ${ended.state}`)
  return EXIT.done
}

async function downAll(io: Io): Promise<number> {
  const runs = await listRuns()
  const ended = await Promise.all(runs.map((run) => end(run.name)))
  if (io.json) printJson(io, ended)
  else if (ended.length === 0) note(io, 'No lab is running.')
  else for (const { name, state } of ended) print(io, `${name} ${state}`)
  return EXIT.done
}

async function end(name: string): Promise<{ name: string; state: 'ended' }> {
  await endRun(name)
  if ((await listRuns()).some((run) => run.name === name)) {
    throw new HalabError('still-running', `${name} was told to end and still runs`, {
      hint: `Try again; \`halab ls\` shows it as long as it runs.`,
    })
  }
  return { name, state: 'ended' }
}
