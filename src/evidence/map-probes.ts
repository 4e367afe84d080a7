import type { ApiObservation, EtcdObservation, EvidenceHead } from '../wire/evidence.ts'
import type { MapComponent, MapState } from '../wire/state.ts'
import { onComponent, patch } from './map-change.ts'

/** Writes through the balancer, and each server's own readyz. Reads and writes of one server are not on the map. */
export function reduceApi(state: MapState, line: EvidenceHead & ApiObservation): MapState {
  if (line.target === 'lb') {
    if (line.op !== 'write') return state
    return patch(state, { writes: patch(state.writes, { ok: line.ok, tookMs: line.tookMs }) })
  }
  if (line.op !== 'readyz') return state
  return onComponent(state, line.target, 'kube-apiserver', (server) => {
    if (!server.running || server.health === 'frozen') return server
    if (line.ok) return patch(server, { health: 'ready', note: 'ready' })
    return patch(server, {
      health: 'unready',
      note: server.note === 'starting' ? 'starting' : 'not ready',
    })
  })
}

/** A member's own view: who leads it, in which term. */
export function reduceEtcd(state: MapState, line: EvidenceHead & EtcdObservation): MapState {
  const next = onComponent(state, line.member, 'etcd', (member) =>
    member.running && member.health !== 'frozen' ? patch(member, statusOf(member, line)) : member,
  )
  if (!line.ok || line.leader === null || line.term < (state.quorum?.term ?? 0)) return next
  const { quorum } = next
  return quorum
    ? patch(next, { quorum: patch(quorum, { leader: line.leader, term: line.term }) })
    : next
}

function statusOf(member: MapComponent, line: EtcdObservation): Partial<MapComponent> {
  if (!line.ok) {
    const note = member.note === 'starting' ? 'starting' : (line.reason ?? 'not answering')
    return { health: 'unready', note, leads: false }
  }
  if (line.leader === null) return { health: 'unready', note: 'no leader', leads: false }
  if (line.leader === line.member) {
    return { health: 'ready', note: `leader · term ${line.term}`, leads: true }
  }
  return { health: 'ready', note: line.learner ? 'learner' : 'follower', leads: false }
}
