/** Pause, resume and reset: what changes a lab's state and leaves it running. */
import type { AgentClient } from '../../wire/agent-client.ts'
import { EXIT } from '../exit.ts'
import { type Io, print, printJson } from '../io.ts'

export type StateChange = 'pause' | 'resume' | 'reset'

export async function changeState(
  agent: AgentClient,
  change: StateChange,
  io: Io,
): Promise<number> {
  const { name, state } = await agent.post<{ name: string; state: string }>(`/v1/${change}`)
  if (io.json) printJson(io, { name, state })
  else print(io, `${name} ${state}`)
  return EXIT.done
}
