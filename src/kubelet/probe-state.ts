import type { KubeProbe } from '../kube/index.ts'

export type ProbeKind = 'startup' | 'liveness' | 'readiness'
export type ProbeOutcome = 'success' | 'failure'

/** A probe with Kubernetes' defaults filled in, in ms. */
export interface ProbeTiming {
  readonly initialDelayMs: number
  readonly periodMs: number
  readonly timeoutMs: number
  readonly successThreshold: number
  readonly failureThreshold: number
}
export interface ProbeState {
  /** What counts now. */
  readonly result: ProbeOutcome | 'unknown'
  /** How often the last outcome came in a row. */
  readonly last: ProbeOutcome | null
  readonly run: number
}

export function probeTiming(probe: KubeProbe): ProbeTiming {
  return {
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1_000,
    periodMs: (probe.periodSeconds || 10) * 1_000,
    timeoutMs: (probe.timeoutSeconds || 1) * 1_000,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  }
}

/** Until a probe has spoken, a container is alive, not ready, and not known to have started. */
export function initialState(kind: ProbeKind): ProbeState {
  const result = { startup: 'unknown', liveness: 'success', readiness: 'failure' } as const
  return { result: result[kind], last: null, run: 0 }
}

/** The result changes when an outcome came as often in a row as its threshold says. */
export function advance(state: ProbeState, outcome: ProbeOutcome, timing: ProbeTiming): ProbeState {
  const run = state.last === outcome ? state.run + 1 : 1
  const threshold = outcome === 'success' ? timing.successThreshold : timing.failureThreshold
  return { last: outcome, run, result: run >= threshold ? outcome : state.result }
}
