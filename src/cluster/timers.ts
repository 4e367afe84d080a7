import { HalabError } from '../errors.ts'
import type { LabTimers } from '../wire/lab.ts'
import { DEFAULT_TIMERS } from './facts.ts'

/** client-go multiplies the retry period by up to this. */
const RETRY_JITTER = 1.2

/**
 * Throws `bad-timers` for what client-go refuses at start, so that a lab says so before it boots:
 * https://github.com/kubernetes/client-go/blob/v0.35.4/tools/leaderelection/leaderelection.go
 */
export function checkTimers(timers: LabTimers): void {
  const { leaseDurationSeconds, renewDeadlineSeconds, retryPeriodSeconds } = {
    ...DEFAULT_TIMERS,
    ...timers,
  }
  if (leaseDurationSeconds <= renewDeadlineSeconds) {
    throw new HalabError(
      'bad-timers',
      `timers.leaseDurationSeconds (${leaseDurationSeconds}) must exceed renewDeadlineSeconds (${renewDeadlineSeconds})`,
      { hint: 'Set both; their defaults are 15 and 10.' },
    )
  }
  if (renewDeadlineSeconds <= retryPeriodSeconds * RETRY_JITTER) {
    throw new HalabError(
      'bad-timers',
      `timers.renewDeadlineSeconds (${renewDeadlineSeconds}) must exceed ${RETRY_JITTER} × retryPeriodSeconds (${retryPeriodSeconds})`,
      { hint: 'Set both; their defaults are 10 and 2.' },
    )
  }
}
