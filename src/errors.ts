/**
 * The one error that halab shows to people. The CLI, the API and the page print the same three
 * parts: what went wrong (`message`), how machines call it (`code`) and what to do (`hint`).
 */
export class HalabError extends Error {
  override readonly name = 'HalabError'
  readonly code: string
  readonly hint: string | undefined

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }

  toJSON(): ErrorBody {
    return { code: this.code, message: this.message, ...(this.hint && { hint: this.hint }) }
  }
}

/** How an error travels: in HTTP bodies, terminal frames and `--json` output. */
export interface ErrorBody {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** Works across realms and for errors that came back from another process as plain objects. */
export function isHalabError(value: unknown): value is HalabError {
  return value instanceof Error && 'code' in value && value.name === 'HalabError'
}

/** Any thrown value as the three parts; an error of ours keeps its code, others get `fallback`. */
export function errorBody(error: unknown, fallback = 'internal'): ErrorBody {
  if (isHalabError(error)) return error.toJSON()
  return { code: fallback, message: error instanceof Error ? error.message : String(error) }
}
