import type { AgentClient } from '../../wire/agent-client.ts'
import type { EvidenceKind } from '../../wire/evidence.ts'
import { EXIT } from '../exit.ts'
import { type Io, print, printJson } from '../io.ts'
import { renderEvidence } from '../render-evidence.ts'

export interface EvidenceOptions {
  /** Until the lab ends or `signal`. */
  readonly follow: boolean
  readonly kind?: EvidenceKind
  readonly signal: AbortSignal
}

export async function evidence(
  agent: AgentClient,
  { follow, kind, signal }: EvidenceOptions,
  io: Io,
): Promise<number> {
  for await (const line of agent.evidence({ follow, signal, ...(kind && { kind }) })) {
    if (io.json) printJson(io, line)
    else print(io, renderEvidence(line, io))
  }
  return EXIT.done
}
