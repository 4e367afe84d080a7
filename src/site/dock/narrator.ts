/**
 * Evidence in one plain sentence each, for the line under the map and for screen readers. It
 * remembers the last fault, so that a takeover can say how long after it came.
 */
import type { Evidence, FaultName } from '../../wire/evidence.ts'
import { duration } from './words.ts'

interface LastFault {
  readonly words: string
  readonly ms: number
}

const DONE: Readonly<Record<FaultName, (target: string) => string>> = {
  'power-off': (target) => `${target} lost power`,
  'power-on': (target) => `${target} has power again`,
  freeze: (target) => `${target} is frozen`,
  thaw: (target) => `${target} runs again`,
  unplug: (target) => `${target} is unplugged`,
  plug: (target) => `${target} is plugged in again`,
  kill: (target) => `${target} was killed`,
  term: (target) => `${target} was told to stop`,
}
/** These end a fault: what comes after them is not measured from them. */
const REPAIRS: ReadonlySet<FaultName> = new Set(['power-on', 'thaw', 'plug'])

export class Narrator {
  readonly #holders = new Map<string, string>()
  #fault: LastFault | undefined

  /** Null: nothing that a person needs to hear of. */
  tell(line: Evidence): string | null {
    switch (line.kind) {
      case 'fault':
        return this.#tellFault(line)
      case 'lease':
        return this.#tellLease(line)
      case 'verdict':
        return line.status === 'pass' ? `Task passed: ${line.message}` : null
      case 'process':
        return this.#tellProcess(line)
      case 'lab':
        return line.state === 'ready' && !line.stage ? 'The lab is ready' : null
      case 'node':
        return line.ready === 'True' ? null : `Node ${line.name}: Ready is ${line.ready}`
      default:
        return null
    }
  }

  #tellFault(line: Extract<Evidence, { kind: 'fault' }>): string | null {
    if (line.phase === 'end') return null
    const words = DONE[line.fault](memberWords(line.target))
    if (!REPAIRS.has(line.fault)) this.#fault = { words, ms: line.ms }
    return line.by === 'setup' ? null : words
  }

  #tellLease(line: Extract<Evidence, { kind: 'lease' }>): string | null {
    const before = this.#holders.get(line.name)
    const holder = line.holder.split('_')[0] ?? ''
    this.#holders.set(line.name, holder)
    if (line.deleted) return `The lease ${line.name} was deleted`
    if (holder === '') return `The lease ${line.name} was released: nobody holds it`
    if (before === undefined || before === holder) return null
    const since = this.#fault && line.ms > this.#fault.ms ? this.#fault : null
    const after = since ? `, ${duration(line.ms - since.ms)} after ${since.words}` : ''
    return `${holder} now holds ${line.name}${after}`
  }

  #tellProcess(line: Extract<Evidence, { kind: 'process' }>): string | null {
    const known = line.component.startsWith('kube-') || line.component === 'etcd'
    // What a fault or the power ended was told already; restarts by the kubelet are news.
    if (!known || line.event === 'start' || line.by !== undefined) return null
    const how = line.signal ? `by ${line.signal}` : `with exit status ${line.code ?? 'unknown'}`
    return `${line.component} on ${line.node} ended ${how}`
  }
}

/** `cp-1/kube-scheduler` → `kube-scheduler on cp-1`. */
function memberWords(target: string): string {
  const [node = '', component] = target.split('/')
  return component ? `${component} on ${node}` : node
}
