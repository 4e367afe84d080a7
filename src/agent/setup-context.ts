/** What a lab's `setup` may do; all of it is told in the evidence as done by `setup`. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { HalabError } from '../errors.ts'
import type { SetupContext } from '../grading/index.ts'
import type { FaultRequest } from '../wire/agent-api.ts'
import type { BootedCluster } from './boot/boot.ts'
import type { EvidenceLog } from './evidence-log.ts'
import { injectFault } from './faults.ts'
import { LIMITS } from './limits.ts'

export interface SetupLab {
  readonly run: { readonly seed: number }
  readonly log: EvidenceLog
  until(what: string, condition: () => Promise<boolean>, timeoutMs: number): Promise<void>
}

export function setupContext(
  lab: SetupLab,
  { cluster }: BootedCluster,
  folder: string,
): SetupContext {
  const { seed } = lab.run
  const context: SetupContext = {
    seed,
    draw: (salt, n) => createHash('sha256').update(`${seed} ${salt}`).digest().readUInt32BE(0) % n,
    async exec(name, argv, options) {
      const node = cluster.nodes.get(name)
      if (!node)
        throw new HalabError('setup-failed', `set-up asks for a node ${name} that is not there`)
      const result = await node.exec(argv, { timeoutMs: LIMITS.setupTimeoutMs, ...options })
      lab.log.append({ kind: 'command', node: name, argv, exitCode: result.exitCode, by: 'setup' })
      if (result.exitCode === 0) return result
      throw new HalabError(
        'setup-failed',
        `set-up: ${argv.join(' ')} on ${name} failed: ${result.stderr.trim()}`,
      )
    },
    async apply(file) {
      const input = await readFile(`${folder}/${file}`)
      await context.exec('workstation', ['kubectl', 'apply', '-f', '-'], { input })
    },
    async fault(request: FaultRequest): Promise<void> {
      await injectFault(cluster, { ...request, by: 'setup' }, (observation) =>
        lab.log.append(observation),
      )
    },
    until: (what, condition, timeoutMs = LIMITS.setupTimeoutMs) =>
      lab.until(what, condition, timeoutMs),
  }
  return context
}
