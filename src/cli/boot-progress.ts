/** Boot stages on stderr: one line that rewrites itself on a terminal, plain lines otherwise. */
import type { LabObservation } from '../wire/evidence.ts'
import { type Output, paint } from './io.ts'

export interface BootProgress {
  /** `ms` since `up` began. */
  stage(name: string, ms: number): void
  /** Leaves the last line standing and the cursor below it. */
  end(): void
}

export function bootProgress(stream: Output): BootProgress {
  if (!stream.isTTY) {
    return {
      stage: (name, ms) => stream.write(`${milliseconds(ms)}  ${name}\n`),
      end: () => undefined,
    }
  }
  let shown = false
  return {
    stage(name, ms) {
      shown = true
      stream.write(`\r\x1b[K${paint(stream, 'dim', milliseconds(ms))}  ${name}`)
    },
    end() {
      if (shown) stream.write('\n')
    },
  }
}

function milliseconds(ms: number): string {
  return `${String(Math.round(ms)).padStart(6)} ms`
}

/** A stage where one is named, else the state itself. */
export function stageName({ stage, state }: LabObservation): string {
  return stage ?? state
}
