/** What every command's exit status says. */
export const EXIT = {
  done: 0,
  /** The answer is no: a failed check, a machine that lacks something. */
  no: 1,
  /** Usage or bad input. */
  usage: 2,
  /** The machine or the lab failed. */
  failed: 3,
  /** `--timeout` of exec, as timeout(1) says it. */
  timedOut: 124,
  interrupted: 130,
} as const
