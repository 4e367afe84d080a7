/** What the page knows of the lab. One object; elements subscribe and read it, `actions.ts` writes it. */
import type { ErrorBody } from '../../errors.ts'
import type { TerminalSummary } from '../../wire/agent-api.ts'
import type { RunSummary } from '../../wire/lab.ts'
import type { Hint, Results } from '../../wire/results.ts'
import type { LabListing, LessonProgress } from '../../wire/server-api.ts'
import type { MapState } from '../../wire/state.ts'

/** `absent`: nobody answers under /api (a page served without halab). `none`: no session yet. */
export type SessionState = 'unknown' | 'absent' | 'none' | 'open'
type Connection = 'closed' | 'open' | 'retrying'

interface BootStep {
  readonly stage: string
  /** Monotonic ms since `up` began. */
  readonly ms: number
}

export interface LabState {
  readonly session: SessionState
  readonly labs: readonly LabListing[]
  /** Labs of the course whose tasks were all passed once. */
  readonly passedLabs: readonly string[]
  readonly lessons: readonly LessonProgress[]
  /** The page's lab; null on a page without one. */
  readonly lab: string | null
  readonly run: RunSummary | null
  /** Runs of other labs, which go on while this page is read. */
  readonly otherRuns: readonly RunSummary[]
  readonly starting: boolean
  readonly steps: readonly BootStep[]
  readonly map: MapState | null
  /** `performance.now()` when `map` arrived: its `ms` at that moment. */
  readonly mapAt: number
  readonly results: Results | null
  readonly hints: Readonly<Record<string, readonly Hint[]>>
  /** Null: not told yet. */
  readonly terminals: readonly TerminalSummary[] | null
  readonly connection: Connection
  /** What happened last, in words. */
  readonly news: string
  readonly error: ErrorBody | null
}

export const NO_RUN = {
  run: null,
  steps: [],
  map: null,
  mapAt: 0,
  results: null,
  hints: {},
  terminals: null,
  connection: 'closed',
  news: '',
} as const satisfies Partial<LabState>

let state: LabState = {
  ...NO_RUN,
  session: 'unknown',
  labs: [],
  passedLabs: [],
  lessons: [],
  lab: null,
  otherRuns: [],
  starting: false,
  error: null,
}

type Listener = (state: LabState, before: LabState) => void
const listeners = new Set<Listener>()

export function labState(): LabState {
  return state
}

export function update(change: Partial<LabState>) {
  const before = state
  state = { ...state, ...change }
  for (const listener of [...listeners]) listener(state, before)
}

/** Calls at once and after every change, until `signal` aborts. */
export function subscribe(listener: Listener, signal: AbortSignal) {
  listeners.add(listener)
  signal.addEventListener('abort', () => listeners.delete(listener))
  listener(state, state)
}
