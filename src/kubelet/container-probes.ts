import { setTimeout as delay } from 'node:timers/promises'
import type { Node } from '../engines/types.ts'
import type { KubeContainer, KubeProbe } from '../kube/index.ts'
import type { Activity } from './activity.ts'
import { createProber } from './probe.ts'
import { advance, initialState, probeTiming } from './probe-state.ts'
import type { ProbeKind, ProbeOutcome } from './probe-state.ts'

/** The probes of one run of a container. */
export interface ContainerProbes {
  readonly started: boolean
  readonly ready: boolean
  stop(): void
}
export interface ProbeListener {
  /** `started` or `ready` changed. */
  changed(): void
  /** A startup or liveness probe failed for good: the container must be restarted. */
  unhealthy(kind: ProbeKind, probe: KubeProbe): void
  /** A single probe failed. */
  failed(kind: ProbeKind, message: string): void
}

export function startProbes(
  node: Node,
  activity: Activity,
  container: KubeContainer,
  address: string,
  listener: ProbeListener,
): ContainerProbes {
  const stopping = new AbortController()
  const { signal } = stopping
  const prober = createProber(node, container, address)
  let started = !container.startupProbe
  let ready = started && !container.readinessProbe

  function judged(kind: ProbeKind, probe: KubeProbe, result: ProbeOutcome | 'unknown'): void {
    if (kind === 'readiness') setReady(result === 'success')
    else if (result === 'failure') listener.unhealthy(kind, probe)
    else if (kind === 'startup' && result === 'success') setStarted()
  }
  function setReady(value: boolean): void {
    if (ready === value) return
    ready = value
    listener.changed()
  }
  function setStarted(): void {
    started = true
    ready = !container.readinessProbe
    listener.changed()
    run()
  }

  async function repeat(kind: ProbeKind, probe: KubeProbe): Promise<void> {
    const timing = probeTiming(probe)
    let state = initialState(kind)
    await delay(timing.initialDelayMs, undefined, { signal })
    for (;;) {
      await activity.whenActive(signal)
      signal.throwIfAborted()
      const { epoch } = activity
      const { outcome, message } = await prober.run(probe, timing.timeoutMs)
      if (signal.aborted) return
      // A probe that a freeze interrupted says nothing about the container.
      if (activity.active && epoch === activity.epoch) {
        const before = state.result
        state = advance(state, outcome, timing)
        if (outcome === 'failure') listener.failed(kind, message)
        if (state.result !== before) judged(kind, probe, state.result)
        if (kind === 'startup' && state.result === 'success') return
        if (kind !== 'readiness' && state.result === 'failure') return
      }
      await delay(timing.periodMs, undefined, { signal })
    }
  }

  /** Liveness and readiness begin when the startup probe has succeeded. */
  function run(): void {
    const due: readonly (readonly [ProbeKind, KubeProbe | undefined])[] = started
      ? [
          ['liveness', container.livenessProbe],
          ['readiness', container.readinessProbe],
        ]
      : [['startup', container.startupProbe]]
    for (const [kind, probe] of due) {
      if (probe) repeat(kind, probe).catch(ignoreAbort)
    }
  }
  function ignoreAbort(error: unknown): void {
    if (!signal.aborted) throw error
  }
  run()

  return {
    get started() {
      return started
    },
    get ready() {
      return ready
    },
    stop() {
      stopping.abort()
      void prober[Symbol.asyncDispose]()
    },
  }
}
