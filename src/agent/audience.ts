/** Everybody who looks at the lab: keeps the map from the evidence, and tells what changed. */
import { EventEmitter } from 'node:events'
import { initialMap, reduceMap } from '../evidence/lab-map.ts'
import type { AgentEvent } from '../wire/agent-api.ts'
import type { Evidence } from '../wire/evidence.ts'
import type { NodeSummary } from '../wire/lab.ts'
import type { Results } from '../wire/results.ts'
import type { MapState } from '../wire/state.ts'

/** Lines that a page announces or draws at once; the rest reaches it through the map. */
const NOTABLE = new Set<Evidence['kind']>([
  'fault',
  'lease',
  'process',
  'verdict',
  'lab',
  'node',
  'gap',
])

export interface Audience {
  readonly map: MapState
  see(line: Evidence): void
  tell(event: AgentEvent): void
  /** Tells the map if it changed since it was last told, and somebody listens. */
  tellMap(): void
  /** False when these results were the last ones told, too. */
  tellResults(results: Results): boolean
  /** The start of another epoch. */
  forget(): void
  listen(listener: (event: AgentEvent) => void): () => void
}

export function createAudience(nodes: readonly NodeSummary[]): Audience {
  const events = new EventEmitter<{ event: [AgentEvent] }>()
  events.setMaxListeners(0)
  let map = initialMap(nodes)
  let mapTold: MapState | undefined
  let resultsTold = ''
  const tell = (event: AgentEvent) => void events.emit('event', event)
  return {
    get map() {
      return map
    },
    tell,
    see(line) {
      map = reduceMap(map, line)
      if (NOTABLE.has(line.kind)) tell({ type: 'evidence', line })
    },
    tellMap() {
      if (map === mapTold || events.listenerCount('event') === 0) return
      mapTold = map
      tell({ type: 'map', map })
    },
    tellResults(results) {
      const text = JSON.stringify(results)
      if (text === resultsTold) return false
      resultsTold = text
      tell({ type: 'results', results })
      return true
    },
    forget() {
      map = initialMap(nodes)
    },
    listen(listener) {
      events.on('event', listener)
      return () => events.off('event', listener)
    },
  }
}
