/**
 * The evidence log: numbers observations, hands them to whoever follows, and writes them to the run
 * archive. A line never changes. When the disk is full, lines are kept in memory and written later.
 */
import { createReadStream, openSync, writeSync, closeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Evidence, Observation } from '../wire/evidence.ts'
import type { LabClock } from './clock.ts'
import { LIMITS } from './limits.ts'

export interface EvidenceLog extends Disposable {
  append(observation: Observation): Evidence
  /** Called for every line from now on, in order, synchronously. Returns how to stop. */
  follow(listener: (line: Evidence) => void): () => void
  /** Lines from number `from` to the present end, read back from the archive. */
  read(from?: number): AsyncIterable<Evidence>
  readonly last: number
  nextEpoch(): number
}

export function openEvidenceLog(path: string, clock: LabClock): EvidenceLog {
  const file = openSync(path, 'a', 0o600)
  const followers = new Set<(line: Evidence) => void>()
  let pending: string[] = []
  let timer: NodeJS.Timeout | undefined
  let n = 0
  let epoch = 1
  let complained = false

  const flush = () => {
    timer = undefined
    if (pending.length === 0) return
    const batch = Buffer.from(pending.join(''))
    try {
      for (let written = 0; written < batch.length;) written += writeSync(file, batch, written)
      pending = []
      complained = false
    } catch (error) {
      if (!complained) console.error('evidence cannot be written, kept in memory:', error)
      complained = true
      timer = setTimeout(flush, 1000)
    }
  }

  return {
    get last() {
      return n
    },
    nextEpoch: () => (epoch += 1),
    append(observation) {
      const line: Evidence = {
        n: (n += 1),
        at: new Date().toISOString(),
        ms: Math.round(clock.now()),
        epoch,
        ...observation,
      }
      pending.push(JSON.stringify(line) + '\n')
      timer ??= setTimeout(flush, LIMITS.evidenceFlushMs)
      for (const follower of followers) follower(line)
      return line
    },
    follow(listener) {
      followers.add(listener)
      return () => followers.delete(listener)
    },
    async *read(from = 1) {
      const until = n
      flush()
      if (until < from) return
      const input = createReadStream(path, 'utf8')
      for await (const text of createInterface({ input })) {
        const line = JSON.parse(text) as Evidence
        if (line.n > until) break
        if (line.n >= from) yield line
      }
      input.destroy()
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      flush()
      closeSync(file)
    },
  }
}
