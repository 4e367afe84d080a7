import type { FaultName, FaultObservation } from '../wire/evidence.ts'
import type { MapComponent, MapNode, MapState } from '../wire/state.ts'
import { onComponents, onNode, patch } from './map-change.ts'
import { down } from './map-processes.ts'

/** The fault that takes another one back. */
const UNDOES: Partial<Record<FaultName, FaultName>> = {
  'power-on': 'power-off',
  thaw: 'freeze',
  plug: 'unplug',
}

export function reduceFault(state: MapState, line: FaultObservation): MapState {
  const [name = '', component] = line.target.split('/')
  const undone = UNDOES[line.fault]
  if (undone !== undefined) {
    return line.phase === 'begin'
      ? onNode(state, name, (node) => end(node, undone, component, line))
      : state
  }
  return onNode(state, name, (node) =>
    line.phase === 'begin' ? begin(node, line, component) : end(node, line.fault, component, line),
  )
}

function begin(node: MapNode, line: FaultObservation, component: string | undefined): MapNode {
  switch (line.fault) {
    case 'power-off':
      return onComponents(patch(node, { power: 'off', unplugged: node.unplugged }), (each) =>
        each.running ? down(each) : each,
      )
    case 'freeze':
      return onComponents(
        component === undefined ? patch(node, { power: 'frozen' }) : node,
        (each) =>
          each.running && isMeant(each, component)
            ? patch(each, { health: 'frozen', note: 'frozen' })
            : each,
      )
    case 'unplug':
      return patch(node, { unplugged: cut(node.unplugged, line.from) })
    default:
      return node
  }
}

function end(
  node: MapNode,
  fault: FaultName,
  component: string | undefined,
  line: FaultObservation,
): MapNode {
  switch (fault) {
    case 'power-off':
      return patch(node, { power: 'on' })
    case 'freeze':
      return onComponents(component === undefined ? patch(node, { power: 'on' }) : node, (each) =>
        each.health === 'frozen' && isMeant(each, component)
          ? patch(each, { health: 'unknown', note: 'starting' })
          : each,
      )
    case 'unplug':
      return patch(node, { unplugged: mended(node.unplugged, line.from) })
    default:
      return node
  }
}

function isMeant(each: MapComponent, component: string | undefined): boolean {
  return component === undefined || each.name === component
}

function cut(before: readonly string[], from: readonly string[] | undefined): readonly string[] {
  if (!from?.length || before.includes('*')) return ['*']
  return [...new Set([...before, ...from])].sort()
}

function mended(before: readonly string[], from: readonly string[] | undefined): readonly string[] {
  return from?.length ? before.filter((each) => !from.includes(each)) : []
}
