/** Small changes to a MapState that keep what did not change, so that "nothing changed" is the same object. */
import type { MapComponent, MapNode, MapState } from '../wire/state.ts'

/** `value` with `change` applied; the same object when that changes nothing. */
export function patch<T extends object>(value: T, change: Partial<T>): T {
  const keys = Object.keys(change) as (keyof T)[]
  return keys.every((key) => equal(value[key], change[key])) ? value : { ...value, ...change }
}

/** `list` with `change` applied to each; the same list when no element changed. */
export function mapSame<T>(list: readonly T[], change: (each: T) => T): readonly T[] {
  const next = list.map(change)
  return next.every((each, i) => each === list[i]) ? list : next
}

export function onNode(
  state: MapState,
  name: string,
  change: (node: MapNode) => MapNode,
): MapState {
  const nodes = mapSame(state.nodes, (node) => (node.name === name ? change(node) : node))
  return patch(state, { nodes })
}

export function onComponents(
  node: MapNode,
  change: (component: MapComponent) => MapComponent,
): MapNode {
  return patch(node, { components: mapSame(node.components, change) })
}

export function onComponent(
  state: MapState,
  node: string,
  name: string,
  change: (component: MapComponent) => MapComponent,
): MapState {
  return onNode(state, node, (found) =>
    onComponents(found, (component) => (component.name === name ? change(component) : component)),
  )
}

export function componentOf(state: MapState, node: string, name: string): MapComponent | undefined {
  return state.nodes
    .find((each) => each.name === node)
    ?.components.find((component) => component.name === name)
}

function equal(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return (
      a === b ||
      (a.length === 0 && b.length === 0) ||
      (isFlat(a) && isFlat(b) && a.join() === b.join())
    )
  }
  return a === b
}

function isFlat(list: readonly unknown[]): boolean {
  return list.every((each) => typeof each !== 'object')
}
