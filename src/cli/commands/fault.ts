import { HalabError } from '../../errors.ts'
import type { FaultReceipt, FaultRequest } from '../../wire/agent-api.ts'
import type { AgentClient } from '../../wire/agent-client.ts'
import { FAULTS, type FaultName } from '../../wire/evidence.ts'
import { EXIT } from '../exit.ts'
import { type Io, print, printJson } from '../io.ts'

export interface FaultOptions {
  readonly fault: string
  /** `NODE` or `NODE/COMPONENT`. */
  readonly target: string
  /** Nodes, separated by commas. */
  readonly from?: string
  readonly oneWay?: boolean
}

export async function fault(agent: AgentClient, options: FaultOptions, io: Io): Promise<number> {
  const receipt = await agent.post<FaultReceipt>('/v1/faults', faultRequest(options))
  if (io.json) printJson(io, receipt)
  else
    print(io, `${receipt.fault} ${receipt.target} at ${receipt.at} (evidence ${receipt.evidence})`)
  return EXIT.done
}

/** Throws `unknown-fault`, and `usage` for options that belong to another fault. */
export function faultRequest({ fault, target, from, oneWay }: FaultOptions): FaultRequest {
  if (!isFault(fault)) {
    throw new HalabError('unknown-fault', `there is no fault ${JSON.stringify(fault)}`, {
      hint: `The faults are ${FAULTS.join(', ')}.`,
    })
  }
  if (from !== undefined && fault !== 'unplug' && fault !== 'plug') {
    throw new HalabError('usage', `--from says nothing to ${fault}`, {
      hint: 'It belongs to unplug and plug.',
    })
  }
  if (oneWay && fault !== 'unplug') {
    throw new HalabError('usage', `--one-way says nothing to ${fault}`, {
      hint: 'It belongs to unplug.',
    })
  }
  const nodes = from?.split(',').filter((node) => node !== '')
  return { fault, target, by: 'learner', ...(nodes && { from: nodes }), ...(oneWay && { oneWay }) }
}

function isFault(name: string): name is FaultName {
  return (FAULTS as readonly string[]).includes(name)
}
