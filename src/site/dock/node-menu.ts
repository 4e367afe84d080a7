/** What may be done to a node or a component: a terminal, and the faults that make sense now. */
import type { FaultName } from '../../wire/evidence.ts'
import type { MapNode } from '../../wire/state.ts'
import { injectFault } from './actions.ts'
import { type MenuItem, openMenu } from './menu.ts'
import { openTerminal } from './open-terminal.ts'
import { FAULT_LABELS } from './words.ts'

const COMPONENT_FAULTS = ['kill', 'term'] as const satisfies readonly FaultName[]
/** These name a component; a node has no use for them. */
const OF_COMPONENTS: ReadonlySet<FaultName> = new Set(COMPONENT_FAULTS)
const REPAIRS: ReadonlySet<FaultName> = new Set(['power-on', 'thaw', 'plug'])

export function openNodeMenu(anchor: HTMLElement, node: MapNode) {
  const terminal: MenuItem = {
    label: 'Open terminal',
    danger: false,
    action: () => openTerminal(node.name),
  }
  const faults = node.faults.filter((fault) => !OF_COMPONENTS.has(fault))
  openMenu(anchor, node.name, [
    ...(node.power === 'on' ? [terminal] : []),
    ...faults.map((fault) => faultItem(fault, node.name)),
  ])
}

export function openComponentMenu(anchor: HTMLElement, node: string, component: string) {
  openMenu(
    anchor,
    `${component} on ${node}`,
    COMPONENT_FAULTS.map((fault) => faultItem(fault, `${node}/${component}`)),
  )
}

function faultItem(fault: FaultName, target: string): MenuItem {
  return {
    label: FAULT_LABELS[fault],
    danger: !REPAIRS.has(fault),
    action: () => void injectFault(fault, target),
  }
}
