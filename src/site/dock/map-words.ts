/** What the map says about a lab's state in words and kinds; pure, so that it can be tested as values. */
import type { MapComponent, MapLease, MapNode, MapQuorum, MapState } from '../../wire/state.ts'

export type Glyph = 'dot' | 'ring' | 'cross' | 'bars' | 'unknown'
export type Tone = 'ok' | 'bad' | 'warn' | 'mute' | 'lead'

/** What the agent says of a component that never ran: nothing has failed. */
const NOT_STARTED = 'not started'

/** A shape for each state: colour is never the only sign. */
export function glyphOf(component: MapComponent, node: MapNode): Glyph {
  if (node.power === 'frozen' || component.health === 'frozen') return 'bars'
  if (component.health === 'unknown' || component.note === NOT_STARTED) return 'unknown'
  if (node.power === 'off' || !component.running || component.health === 'down') return 'cross'
  if (component.health === 'unready' || component.note === 'standby') return 'ring'
  return 'dot'
}

export function toneOf(component: MapComponent, node: MapNode): Tone {
  const glyph = glyphOf(component, node)
  if (glyph === 'cross') return 'bad'
  if (glyph === 'bars' || component.health === 'unready') return 'warn'
  if (component.leads) return 'lead'
  return glyph === 'dot' ? 'ok' : 'mute'
}

/** Words over a node that takes no part; null while it does. */
export function veilOf(node: MapNode): string | null {
  if (node.power === 'off') return 'powered off'
  return node.power === 'frozen' ? 'frozen' : null
}

export function cutWords(node: MapNode): string | null {
  if (node.unplugged.length === 0) return null
  return node.unplugged.includes('*') ? 'unplugged' : `cut off from ${node.unplugged.join(', ')}`
}

export function quorumWords(
  { members, healthy, needs }: MapQuorum,
  lab: MapState['lab'],
): { readonly words: string; readonly tone: Tone } {
  const count = `${healthy} of ${members}, needs ${needs}`
  if (healthy < needs && isStarting(lab))
    return { words: `etcd is starting: ${count}`, tone: 'mute' }
  if (healthy < needs)
    return { words: `quorum lost: ${count} · nothing can be written`, tone: 'bad' }
  if (healthy === needs)
    return { words: `quorum holds: ${count} · one more loss stops all writes`, tone: 'warn' }
  return { words: `quorum holds: ${count}`, tone: 'mute' }
}

function writesWords({ ok, tookMs }: MapState['writes']): string {
  if (ok === null) return 'writes not observed'
  if (!ok) return 'writes fail'
  return tookMs === null ? 'writes ok' : `writes ok · ${Math.round(tookMs)} ms`
}

/** The lease that a component of this node holds, if any. */
export function leaseOf(map: MapState, node: string, component: string): MapLease | null {
  return map.leases.find((lease) => lease.node === node && lease.name === component) ?? null
}

/** Share of the lease's time that is left, 0 to 1, at `nowMs` on the lab's clock. */
export function leaseLeft(lease: MapLease, nowMs: number): number {
  const left = 1 - (nowMs - lease.renewedMs) / (lease.durationSeconds * 1000)
  return Math.min(1, Math.max(0, left))
}

export interface Link {
  readonly from: string
  readonly to: string
  readonly kind: 'entry' | 'rotation' | 'peer'
  readonly state: 'ok' | 'bad' | 'unknown'
  readonly label: string | null
}

/** Who talks to whom, and whether it works. */
export function linksOf(map: MapState): readonly Link[] {
  const active = map.balancers.find((balancer) => balancer.active) ?? map.balancers[0]
  const workstation = map.nodes.find(({ role }) => role === 'workstation')
  const links: Link[] = []
  if (active && workstation)
    links.push({
      from: workstation.name,
      to: active.name,
      kind: 'entry',
      state: linkState(map.writes.ok),
      label: writesWords(map.writes),
    })
  for (const server of active?.servers ?? [])
    links.push({
      from: active?.name ?? '',
      to: server.name,
      kind: 'rotation',
      state: isStarting(map.lab) && !server.up ? 'unknown' : linkState(server.up),
      label: server.up === false && !isStarting(map.lab) ? 'out of rotation' : null,
    })
  return [...links, ...peerLinks(map)]
}

function peerLinks(map: MapState): readonly Link[] {
  const members = map.nodes.filter(({ components }) =>
    components.some(({ name }) => name === 'etcd'),
  )
  return members.slice(1).map((to, index) => {
    const from = members[index] ?? to
    const seen = peerState(from, to)
    const state = seen === 'bad' && isStarting(map.lab) ? 'unknown' : seen
    return { from: from.name, to: to.name, kind: 'peer', state, label: null }
  })
}

function peerState(a: MapNode, b: MapNode): Link['state'] {
  const cut = (one: MapNode, other: MapNode) =>
    one.unplugged.includes('*') || one.unplugged.includes(other.name)
  if (cut(a, b) || cut(b, a)) return 'bad'
  const healths = [a, b].map((node) =>
    node.power === 'on' ? node.components.find(({ name }) => name === 'etcd')?.health : 'down',
  )
  if (healths.every((health) => health === 'ready')) return 'ok'
  return healths.some((health) => health === 'unknown') ? 'unknown' : 'bad'
}

/** What does not work yet has not failed. */
function isStarting(lab: MapState['lab']): boolean {
  return lab === 'booting' || lab === 'resetting'
}

function linkState(up: boolean | null): Link['state'] {
  if (up === null) return 'unknown'
  return up ? 'ok' : 'bad'
}
