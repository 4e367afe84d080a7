/** What one of the doctor's checks found. */
export interface Check {
  readonly id: string
  readonly ok: boolean
  /** What was found, in plain words. */
  readonly message: string
  /** What to do; null when there is nothing to do. */
  readonly hint: string | null
}
export type Finding = Omit<Check, 'id'>

export function fine(message: string, hint: string | null = null): Finding {
  return { ok: true, message, hint }
}

export function wrong(message: string, hint: string): Finding {
  return { ok: false, message, hint }
}
