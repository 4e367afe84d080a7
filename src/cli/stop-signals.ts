/** Ctrl-C (and SIGTERM, SIGHUP) as an AbortSignal for as long as `using` holds it. */
import { HalabError } from '../errors.ts'

export interface StopSignals extends Disposable {
  readonly signal: AbortSignal
}

/** The second Ctrl-C finds no listener any more and ends the program at once. */
export function stopSignals(): StopSignals {
  const controller = new AbortController()
  const stop = () => {
    release()
    controller.abort(new HalabError('interrupted', 'interrupted'))
  }
  const release = () => {
    for (const name of NAMES) process.off(name, stop)
  }
  for (const name of NAMES) process.on(name, stop)
  return { signal: controller.signal, [Symbol.dispose]: release }
}
const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
