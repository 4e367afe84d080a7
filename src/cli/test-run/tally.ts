/** What each runner's own report counts. Pure: the texts come from the runners, the numbers go to the last line. */

export interface Tally {
  readonly passed: number
  readonly failed: number
}

export const NOTHING: Tally = { passed: 0, failed: 0 }

export function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed }
}

/** A tool that only says yes or no counts as one test. */
export function tallyOfExit(exitCode: number | null): Tally {
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/**
 * A runner that failed without saying which test did has failed all the same: it crashed, was ended,
 * or found something outside of any test.
 */
export function withCrash(tally: Tally | null, exitCode: number | null): Tally {
  if (exitCode === 0 && tally) return tally
  if (tally && tally.failed > 0) return tally
  return add(tally ?? NOTHING, { passed: 0, failed: 1 })
}

/** Vitest's `json` reporter. A file that could not even be loaded counts as one failure. */
export function tallyOfVitest(report: string): Tally | null {
  const parsed = parse(report) as {
    numPassedTests: number
    numFailedTests: number
    testResults: { status: string; assertionResults: { status: string }[] }[]
  } | null
  if (!parsed) return null
  const unloaded = parsed.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((each) => each.status !== 'failed'),
  )
  return { passed: parsed.numPassedTests, failed: parsed.numFailedTests + unloaded.length }
}

/** Playwright's `json` reporter. A test that passed at a second try passed; the list shows that it is flaky. */
export function tallyOfPlaywright(report: string): Tally | null {
  const parsed = parse(report) as {
    stats: { expected: number; flaky: number; unexpected: number }
    errors: unknown[]
  } | null
  if (!parsed) return null
  const { expected, flaky, unexpected } = parsed.stats
  return { passed: expected + flaky, failed: unexpected + parsed.errors.length }
}

export interface GateLine {
  readonly lab: string
  readonly run: string
  readonly expected: string
  readonly got: string
  readonly code: string
  readonly ms: number
}

/** `halab verify --json`. */
export function readGate(report: string): readonly GateLine[] | null {
  const parsed = parse(report)
  return Array.isArray(parsed) ? (parsed as readonly GateLine[]) : null
}

export function tallyOfGate(lines: readonly GateLine[]): Tally {
  const passed = lines.filter(({ expected, got }) => expected === got).length
  return { passed, failed: lines.length - passed }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
