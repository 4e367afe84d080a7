/** How long steps of a set-up take, told while they take it. */

export interface Progress {
  /** What is being done, e.g. `kubectl`. */
  readonly step: string
  /** `going` comes once a second; `note` is a plain line that belongs to no step. */
  readonly state: 'begin' | 'going' | 'end' | 'failed' | 'note'
  /** How it goes, e.g. `12 of 57 MB`. */
  readonly text: string
  readonly elapsedMs: number
}
export type OnProgress = (progress: Progress) => void

/** Runs `work` as a step: told at its begin, once a second, and at its end or failure. */
export async function runStep<T>(
  step: string,
  onProgress: OnProgress,
  work: (say: (text: string) => void) => Promise<T>,
): Promise<T> {
  const begin = performance.now()
  let text = ''
  const tell = (state: Progress['state']): void =>
    onProgress({ step, state, text, elapsedMs: performance.now() - begin })
  tell('begin')
  const ticking = setInterval(tell, 1000, 'going')
  try {
    const result = await work((said) => {
      text = said
    })
    tell('end')
    return result
  } catch (error) {
    tell('failed')
    throw error
  } finally {
    clearInterval(ticking)
  }
}

export function note(onProgress: OnProgress, text: string): void {
  onProgress({ step: '', state: 'note', text, elapsedMs: 0 })
}

/** Lines without a terminal come this far apart, so that a log stays readable. */
const PLAIN_EVERY_MS = 10_000

interface ProgressStream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Prints progress: a line that renews itself on a terminal, else a line every ten seconds. */
export function progressPrinter(stream: ProgressStream = process.stderr): OnProgress {
  const clear = stream.isTTY ? '\r\x1b[K' : ''
  let toldAtMs = 0
  return ({ step, state, text, elapsedMs }) => {
    if (state === 'note') {
      stream.write(`${clear}${text}\n`)
      return
    }
    const line = `${step}${text && ` ${text}`} ${duration(elapsedMs)}`
    if (state === 'end') stream.write(`${clear}${line}\n`)
    else if (state === 'failed')
      stream.write(`${clear}${step}: failed after ${duration(elapsedMs)}\n`)
    else if (stream.isTTY) stream.write(`${clear}${line}`)
    else if (state === 'going' && elapsedMs - toldAtMs >= PLAIN_EVERY_MS) {
      toldAtMs = elapsedMs
      stream.write(`${line} …\n`)
    }
    if (state !== 'going') toldAtMs = 0
  }
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
