/** Injects faults, and tells each in the evidence before it takes effect. */
import { HalabError } from '../errors.ts'
import type { Cluster, Node } from '../engines/types.ts'
import type { FaultReceipt, FaultRequest } from '../wire/agent-api.ts'
import type { Actor, Evidence, FaultName, FaultObservation, Observation } from '../wire/evidence.ts'

/** What mends a fault is told as its end. */
const MENDS: Partial<Record<FaultName, FaultName>> = {
  'power-on': 'power-off',
  thaw: 'freeze',
  plug: 'unplug',
}
const SIGNALS = { kill: 'SIGKILL', term: 'SIGTERM', freeze: 'SIGSTOP', thaw: 'SIGCONT' } as const

export async function injectFault(
  cluster: Cluster,
  request: FaultRequest,
  record: (observation: Observation) => Evidence,
): Promise<FaultReceipt> {
  const { fault, target } = request
  const by = request.by ?? 'learner'
  const [name = '', component] = target.split('/', 2)
  const node = find(cluster, name)
  for (const other of request.from ?? []) find(cluster, other)
  refuseImpossible(node, component, request)
  const observation: FaultObservation = {
    kind: 'fault',
    fault: MENDS[fault] ?? fault,
    target,
    phase: MENDS[fault] ? 'end' : 'begin',
    by,
    ...(request.from && { from: request.from }),
    ...(request.oneWay && { oneWay: true }),
  }
  const line = record(observation)
  await act(node, component, request, by)
  return { fault, target, at: line.at, evidence: line.n }
}

function find(cluster: Cluster, name: string): Node {
  const node = cluster.nodes.get(name)
  if (node) return node
  throw new HalabError('unknown-node', `this lab has no node ${name || '(none given)'}`, {
    hint: `its nodes: ${[...cluster.nodes.keys()].join(', ')}`,
  })
}

/** Whole-node and component faults take different targets; a fault that is there already is no news. */
function refuseImpossible(
  node: Node,
  component: string | undefined,
  { fault, from, oneWay }: FaultRequest,
): void {
  const needsComponent = fault === 'kill' || fault === 'term'
  const takesComponent = fault in SIGNALS
  if (needsComponent && component === undefined) {
    throw new HalabError('needs-component', `${fault} takes a component: ${node.name}/COMPONENT`, {
      hint: `running there: ${node.components().join(', ') || 'nothing'}`,
    })
  }
  if (!takesComponent && component !== undefined) {
    throw new HalabError('takes-node', `${fault} takes a whole node`, {
      hint: `try ${fault} ${node.name}`,
    })
  }
  if (component !== undefined && !node.components().includes(component)) {
    throw new HalabError('unknown-component', `${component} does not run on ${node.name}`, {
      hint: `running there: ${node.components().join(', ') || 'nothing'}`,
    })
  }
  if ((from !== undefined || oneWay) && fault !== 'unplug' && fault !== 'plug') {
    throw new HalabError(
      'bad-fault',
      `--from and --one-way go with unplug and plug, not with ${fault}`,
    )
  }
  if (component === undefined) refuseState(node, fault)
}

function refuseState(node: Node, fault: FaultName): void {
  const wrong =
    (fault === 'power-off' && node.power === 'off' && 'is off already') ||
    (fault === 'power-on' && node.power !== 'off' && 'is on already') ||
    (fault === 'freeze' && node.power !== 'on' && `is ${node.power} already`) ||
    (fault === 'thaw' && node.power !== 'frozen' && 'is not frozen')
  if (wrong) throw new HalabError('no-change', `${node.name} ${wrong}`)
}

async function act(
  node: Node,
  component: string | undefined,
  request: FaultRequest,
  by: Actor,
): Promise<void> {
  const { fault, from, oneWay } = request
  if (component !== undefined && fault in SIGNALS) {
    await node.signal(component, SIGNALS[fault as keyof typeof SIGNALS], by)
    return
  }
  switch (fault) {
    case 'power-off':
      return node.powerOff()
    case 'power-on':
      return node.powerOn()
    case 'freeze':
      return node.freeze()
    case 'thaw':
      return node.thaw()
    case 'unplug':
      return node.unplug({ ...(from && { from }), ...(oneWay && { oneWay }) })
    case 'plug':
      return node.plug(from && { from })
    default:
      throw new HalabError('bad-fault', `${fault} takes a component`)
  }
}
