import type { EvidenceHead, ProcessObservation } from '../../wire/evidence.ts'

/** One process, from start to exit, as the node's own records tell. */
export interface Run {
  readonly node: string
  readonly component: string
  readonly pid: number
  /** Null where the recorder saw its end only. */
  readonly startMs: number | null
  readonly exitMs: number | null
  readonly code: number | null
  readonly signal: string | null
  /** Who ended it, where the platform did: an actor, `kubelet`, `power`. */
  readonly by: string | null
  readonly evidence: readonly number[]
}

export interface ProcessIndex {
  append(line: EvidenceHead & ProcessObservation): void
  runs(): readonly Run[]
}

export function createProcessIndex(): ProcessIndex {
  const runs: Run[] = []
  const open = new Map<string, number>()
  return {
    append(line) {
      const key = `${line.node}/${line.component}/${line.pid}`
      const at = open.get(key)
      const running = at === undefined ? undefined : runs[at]
      if (line.event === 'start') {
        if (!running) open.set(key, runs.push(started(line)) - 1)
        return
      }
      open.delete(key)
      if (at === undefined || !running)
        runs.push(ended({ ...started(line), startMs: null, evidence: [] }, line))
      else runs[at] = ended(running, line)
    },
    runs: () => runs,
  }
}

function started({ node, component, pid, ms, n }: EvidenceHead & ProcessObservation): Run {
  return {
    node,
    component,
    pid,
    startMs: ms,
    exitMs: null,
    code: null,
    signal: null,
    by: null,
    evidence: [n],
  }
}

function ended(run: Run, { ms, n, code, signal, by }: EvidenceHead & ProcessObservation): Run {
  return {
    ...run,
    exitMs: ms,
    code: code ?? null,
    signal: signal ?? null,
    by: by ?? null,
    evidence: [...run.evidence, n],
  }
}
