/**
 * The lab as it is now, for the map: computed from evidence by one reducer
 * (`evidence/lab-map.ts`), sent whole on every change (it is small).
 */
import type { FaultName, LabState } from './evidence.ts'
import type { NodeRole } from './lab.ts'

/** `off`: not running. `frozen`: stopped by SIGSTOP. `unknown`: not observed yet, or not any more. */
export type Health = 'ready' | 'unready' | 'down' | 'frozen' | 'unknown'

export interface MapState {
  readonly ms: number
  readonly epoch: number
  readonly lab: LabState
  readonly writes: { readonly ok: boolean | null; readonly tookMs: number | null }
  readonly balancers: readonly MapBalancer[]
  readonly nodes: readonly MapNode[]
  readonly leases: readonly MapLease[]
  readonly quorum: MapQuorum | null
}
export interface MapBalancer {
  readonly name: string
  readonly active: boolean
  /** The balancer itself told the rotation; absent: it is derived from the servers' readyz. */
  readonly observed?: true
  readonly servers: readonly { readonly name: string; readonly up: boolean | null }[]
}
export interface MapNode {
  readonly name: string
  readonly role: NodeRole
  readonly address: string
  readonly power: 'on' | 'off' | 'frozen'
  /** Empty: plugged. `*`: from everybody; else the nodes it is cut off from. */
  readonly unplugged: readonly string[]
  /** The Node object's Ready condition as the API tells it. */
  readonly ready: 'True' | 'False' | 'Unknown' | 'absent' | null
  readonly components: readonly MapComponent[]
  readonly pods: readonly MapPod[]
  /** What may be done to it now. */
  readonly faults: readonly FaultName[]
}
export interface MapComponent {
  /** `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `etcd`, `haproxy` … */
  readonly name: string
  readonly running: boolean
  readonly health: Health
  /** Words beside the dot: `ready`, `holds lease`, `standby`, `leader · term 4`, `follower`, `down`. */
  readonly note: string
  readonly leads: boolean
  readonly restarts: number
  /** Monotonic ms of its last start; absent when that was not seen. */
  readonly startedMs?: number
}
export interface MapPod {
  readonly namespace: string
  readonly name: string
  readonly phase: string
  readonly ready: boolean
  readonly simulated: boolean
}
export interface MapLease {
  readonly namespace: string
  readonly name: string
  readonly holder: string
  /** Node part of the identity. */
  readonly node: string | null
  readonly transitions: number
  readonly durationSeconds: number
  /** Monotonic ms of the last renewal that was seen. */
  readonly renewedMs: number
}
export interface MapQuorum {
  readonly members: number
  readonly healthy: number
  readonly needs: number
  readonly leader: string | null
  readonly term: number
}
