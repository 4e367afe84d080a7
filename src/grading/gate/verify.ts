/**
 * The author gate: a lab is worth listing when untouched it fails every task, its solution passes every
 * task, and each wrong attempt fails its task for the reason that the attempt's file names.
 */
import { errorBody } from '../../errors.ts'
import type { Results, TaskResult } from '../../wire/results.ts'
import type { LoadedLab } from '../load.ts'
import {
  GATE_POLL_MS,
  SCRIPT_LIMIT_MS,
  SOLUTION_SETTLE_LIMIT_MS,
  UNTOUCHED_WATCH_MS,
  WRONG_ATTEMPT_LIMIT_MS,
  WRONG_ATTEMPT_WATCH_MS,
} from '../limits.ts'
import { pause } from './agent-run.ts'
import { type WrongAttempt, solutionOf, wrongAttemptsOf } from './attempts.ts'
import type { GateRun, StartRun } from './run.ts'

export interface GateRow {
  readonly lab: string
  /** `untouched`, `solution`, or `wrong/<file name>`. */
  readonly run: string
  /** `fail`, `pass`, or the reason code of a wrong attempt. */
  readonly expected: string
  /** The same kind of word for what came; `error` for everything that broke. */
  readonly got: string
  /** Reason code, or `task:code` of each task that was not as expected; `ok`. */
  readonly code: string
  readonly ms: number
  readonly ok: boolean
  /** What a human needs to find out why; empty when ok. */
  readonly message: string
}

export interface GateOptions {
  readonly labs: readonly LoadedLab[]
  readonly start: StartRun
  readonly signal: AbortSignal
  /** Called with each row as it is known. */
  report?(row: GateRow): void
}

type Outcome = Pick<GateRow, 'expected' | 'got' | 'code' | 'message'>

/** One lab after another, each in one running lab that is reset between attempts. */
export async function verify({ labs, start, signal, report }: GateOptions): Promise<GateRow[]> {
  const rows: GateRow[] = []
  for (const lab of labs) {
    for await (const row of verifyLab(lab, start, signal)) {
      rows.push(row)
      report?.(row)
    }
  }
  return rows
}

async function* verifyLab(
  lab: LoadedLab,
  start: StartRun,
  signal: AbortSignal,
): AsyncGenerator<GateRow> {
  const { id } = lab.spec
  let run: GateRun | undefined
  const timed = async (name: string, work: () => Promise<Outcome>): Promise<GateRow> => {
    const began = performance.now()
    const outcome = await work().catch((cause: unknown): Outcome => {
      signal.throwIfAborted()
      const { code, message } = errorBody(cause)
      return { expected: '', got: 'error', code, message }
    })
    const ok = outcome.got === outcome.expected
    return { lab: id, run: name, ...outcome, ms: Math.round(performance.now() - began), ok }
  }
  /** The first attempt finds a fresh lab; each one after it a reset one. */
  const fresh = async (): Promise<GateRun> => {
    if (run) await run.reset()
    else run = await start(id, signal)
    return run
  }
  try {
    yield await timed('untouched', async () => untouched(await fresh(), signal))
    // What nobody touched is as good as fresh.
    yield await timed('solution', async () => solution(lab, run ?? (await fresh()), signal))
    for (const attempt of await wrongAttemptsOf(lab)) {
      yield await timed(`wrong/${attempt.name}`, async () => wrong(attempt, await fresh(), signal))
    }
  } finally {
    await run?.[Symbol.asyncDispose]()
  }
}

/** Every task fails, and goes on failing: an error is as red as a pass. */
async function untouched(run: GateRun, signal: AbortSignal): Promise<Outcome> {
  const until = performance.now() + UNTOUCHED_WATCH_MS
  let odd: TaskResult[] = []
  while (odd.length === 0 && performance.now() < until) {
    await pause(GATE_POLL_MS, signal)
    odd = (await run.results()).tasks.filter(({ status }) => status !== 'fail')
  }
  return { expected: 'fail', ...summary(odd, 'fail') }
}

async function solution(lab: LoadedLab, run: GateRun, signal: AbortSignal): Promise<Outcome> {
  const { script } = await solutionOf(lab)
  const { exitCode, output } = await run.script(script, SCRIPT_LIMIT_MS)
  if (exitCode !== 0) {
    return { expected: 'pass', got: 'error', code: `exit-${exitCode}`, message: output }
  }
  const until = performance.now() + SOLUTION_SETTLE_LIMIT_MS
  const open = ({ tasks }: Results): TaskResult[] => tasks.filter(({ status }) => status !== 'pass')
  let missing = open(await run.results())
  while (missing.length > 0 && performance.now() < until) {
    await pause(GATE_POLL_MS, signal)
    missing = open(await run.results())
  }
  return { expected: 'pass', ...summary(missing, 'pass') }
}

/** Its code must show, and for as long as a failover may take no pass after it. */
async function wrong(attempt: WrongAttempt, run: GateRun, signal: AbortSignal): Promise<Outcome> {
  const { exitCode, output } = await run.script(attempt.script, SCRIPT_LIMIT_MS)
  if (exitCode !== 0) {
    return { expected: attempt.code, got: 'error', code: `exit-${exitCode}`, message: output }
  }
  const ended = performance.now()
  let seenAt: number | null = null
  for (;;) {
    const task = (await run.results()).tasks.find(({ id }) => id === attempt.task)
    if (task?.status === 'pass') {
      return { expected: attempt.code, got: 'pass', code: 'ok', message: task.message }
    }
    const now = performance.now()
    if (task?.code === attempt.code && task.status === 'fail') seenAt ??= now
    if (seenAt !== null && now - seenAt > WRONG_ATTEMPT_WATCH_MS) {
      return { expected: attempt.code, got: attempt.code, code: attempt.code, message: '' }
    }
    if (seenAt === null && now - ended > WRONG_ATTEMPT_LIMIT_MS) {
      const { code = '', message = '' } = task ?? {}
      return { expected: attempt.code, got: code, code, message }
    }
    await pause(GATE_POLL_MS, signal)
  }
}

function summary(odd: readonly TaskResult[], expected: string): Omit<Outcome, 'expected'> {
  const [first] = odd
  if (!first) return { got: expected, code: 'ok', message: '' }
  return {
    got: first.status,
    code: odd.map(({ id, code }) => `${id}:${code}`).join(' '),
    message: odd.map(({ id, message }) => `${id}: ${message}`).join('\n'),
  }
}
