import type { EvidenceHead, ProcessObservation } from '../wire/evidence.ts'
import type { MapComponent, MapState } from '../wire/state.ts'
import { onNode, onComponents, patch } from './map-change.ts'

/** Programs that the map draws; Pods are drawn from what the API tells, other processes not at all. */
const DRAWN = new Set([
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'etcd',
  'haproxy',
  'keepalived',
])

/** A process started or ended. Health is told by the probes; these have none of their own and run or not. */
const WITHOUT_PROBE = new Set(['kube-proxy', 'haproxy', 'keepalived'])

export function reduceProcess(state: MapState, line: EvidenceHead & ProcessObservation): MapState {
  if (!DRAWN.has(line.component)) return state
  return onNode(state, line.node, (node) => {
    const known = node.components.some(({ name }) => name === line.component)
    const withIt = known
      ? node
      : { ...node, components: [...node.components, fresh(line.component)] }
    return onComponents(withIt, (component) =>
      component.name === line.component ? changed(component, line) : component,
    )
  })
}

function changed(component: MapComponent, line: EvidenceHead & ProcessObservation): MapComponent {
  if (line.event === 'exit') return down(component)
  const unprobed = WITHOUT_PROBE.has(component.name)
  return {
    ...component,
    running: true,
    health: unprobed ? 'ready' : 'unknown',
    note: unprobed ? 'running' : 'starting',
    leads: false,
    restarts: component.restarts + (component.startedMs === undefined ? 0 : 1),
    startedMs: line.ms,
  }
}

export function down(component: MapComponent): MapComponent {
  return patch(component, { running: false, health: 'down', note: 'down', leads: false })
}

function fresh(name: string): MapComponent {
  return { name, running: false, health: 'unknown', note: 'not started', leads: false, restarts: 0 }
}
