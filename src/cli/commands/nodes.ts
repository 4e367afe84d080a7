import type { AgentClient } from '../../wire/agent-client.ts'
import type { RunSummary } from '../../wire/lab.ts'
import { EXIT } from '../exit.ts'
import { type Io, print, printJson } from '../io.ts'
import { table } from '../table.ts'

export async function nodes(agent: AgentClient, io: Io): Promise<number> {
  const run = await agent.get<RunSummary>('/v1/run')
  if (io.json) printJson(io, run.nodes)
  else print(io, table(run.nodes.map(({ name, role, address }) => [name, role, address])))
  return EXIT.done
}
