/**
 * What a check says: `pass`, `fail(code, sentence)` or `error(code, sentence)`, combined in Kleene's
 * logic. An `error` (it could not be observed) decides nothing: it is never turned into the others.
 */
export interface Verdict {
  readonly status: 'pass' | 'fail' | 'error'
  /** Reason code, `ok` for a pass. Hints and the author gate's wrong attempts belong to it. */
  readonly code: string
  /** One or two sentences in the words of the field: what was seen, what is missing. */
  readonly message: string
  /** Numbers of the evidence lines it rests on. */
  readonly evidence: readonly number[]
}

export function pass(message: string, evidence: readonly number[] = []): Verdict {
  return { status: 'pass', code: 'ok', message, evidence }
}

export function fail(code: string, message: string, evidence: readonly number[] = []): Verdict {
  return { status: 'fail', code, message, evidence }
}

export function error(code: string, message: string, evidence: readonly number[] = []): Verdict {
  return { status: 'error', code, message, evidence }
}

/** Passes when all pass. The first failure decides, whatever could not be observed beside it. */
export function and(...verdicts: readonly Verdict[]): Verdict {
  return (
    verdicts.find((each) => each.status === 'fail') ??
    verdicts.find((each) => each.status === 'error') ??
    joined(verdicts)
  )
}

/** Passes when one passes. It fails, with the last one's reason, only when all were seen to fail. */
export function or(...verdicts: readonly Verdict[]): Verdict {
  return (
    verdicts.find((each) => each.status === 'pass') ??
    verdicts.find((each) => each.status === 'error') ??
    verdicts.at(-1) ??
    fail('nothing-to-choose', 'No alternative was given.')
  )
}

/** Swaps pass and fail, with the words for either; an error stays as it is. */
export function not(
  verdict: Verdict,
  words: { readonly pass: string; readonly code: string; readonly fail: string },
): Verdict {
  if (verdict.status === 'error') return verdict
  return verdict.status === 'fail'
    ? pass(words.pass, verdict.evidence)
    : fail(words.code, words.fail, verdict.evidence)
}

function joined(verdicts: readonly Verdict[]): Verdict {
  return pass(
    verdicts.map((each) => each.message).join(' '),
    [...new Set(verdicts.flatMap((each) => each.evidence))].sort((a, b) => a - b),
  )
}
