/** Words of the field for what the wire calls by short names. */
import type { FaultName } from '../../wire/evidence.ts'

const COMPONENT_LABELS: Readonly<Record<string, string>> = {
  'kube-apiserver': 'API server',
  'kube-controller-manager': 'controllers',
  'kube-scheduler': 'scheduler',
  'kube-proxy': 'kube-proxy',
}
/** Short enough for a row of the map: `controllers` for kube-controller-manager. */
export function componentLabel(name: string): string {
  return COMPONENT_LABELS[name] ?? name
}

export const FAULT_LABELS: Readonly<Record<FaultName, string>> = {
  'power-off': 'Power off',
  'power-on': 'Power on',
  freeze: 'Freeze',
  thaw: 'Thaw',
  unplug: 'Unplug from the network',
  plug: 'Plug in again',
  kill: 'Kill (SIGKILL)',
  term: 'Terminate (SIGTERM)',
}

const STAGE_LABELS: Readonly<Record<string, string>> = {
  booting: 'Starting',
  snapshot: 'Golden snapshot',
  nodes: 'Nodes powered on',
  network: 'Network of its own',
  certificates: 'Certificates',
  quorum: 'etcd has a quorum',
  'first-readyz': 'First API server answers',
  leases: 'Leaders elected',
  usable: 'Usable',
  setup: 'The lab’s set-up',
  ready: 'Ready',
}
/** Stages that the page has no words for are shown as the agent names them. */
export function stageLabel(stage: string): string {
  return STAGE_LABELS[stage] ?? stage.replaceAll('-', ' ')
}

/** 7940 → `7.9 s`, 83000 → `1 min 23 s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}
