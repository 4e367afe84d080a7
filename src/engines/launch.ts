/** `up`, seen from outside: looks whether the machine has room, draws what was not given, starts the agent. */
import { goldenKey } from '../cluster/golden-key.ts'
import type { AgentClient } from '../wire/agent-client.ts'
import type { EngineName } from '../wire/lab.ts'
import { requireRoom } from './machine.ts'
import { prepareLabs } from './prepare.ts'
import { startAgent } from './start-agent.ts'

export interface LaunchRequest {
  readonly lab: string
  readonly engine?: EngineName
  /** Default: `<lab>-<4 letters>`. */
  readonly name?: string
  /** Default: drawn. */
  readonly seed?: number
  /** `process.hrtime.bigint()` when the person asked; default now. */
  readonly beganNs?: bigint
  readonly onStep?: (step: string) => void
}

/**
 * Resolves once the agent answers; boot goes on there. An aborted `signal` ends the half-started lab.
 * The binaries must be there (`toolchain`), and so must the lab: this does not read its definition.
 */
export async function launchRun(
  request: LaunchRequest,
  signal?: AbortSignal,
): Promise<AgentClient> {
  const beganNs = request.beganNs ?? process.hrtime.bigint()
  const engine = request.engine ?? 'namespaces'
  await requireRoom(engine)
  await prepareLabs(request.onStep, signal)
  const name = request.name ?? freshName(request.lab)
  return startAgent(
    {
      name,
      lab: request.lab,
      engine,
      seed: request.seed ?? Math.floor(Math.random() * 2 ** 31),
      startedAt: new Date().toISOString(),
      beganNs: String(beganNs),
      goldenKey: goldenKey(),
    },
    signal,
  )
}

function freshName(lab: string): string {
  const letters = Array.from({ length: 4 }, () =>
    String.fromCharCode(97 + Math.floor(Math.random() * 26)),
  )
  return `${lab.slice(0, 26)}-${letters.join('')}`
}

export { connectRun, listRuns } from './runs.ts'
export { endRun } from './start-agent.ts'
