import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TerminalFlow } from './terminal-flow.ts'

const LIMITS = { ackEveryBytes: 100, ackAfterMs: 16 }

function flowOn(screenParses: 'at once' | 'when told') {
  const shown: number[] = []
  const waiting: (() => void)[] = []
  const acks: number[] = []
  const screen = {
    write(bytes: Uint8Array, parsed: () => void) {
      const done = () => {
        shown.push(...bytes)
        parsed()
      }
      if (screenParses === 'at once') done()
      else waiting.push(done)
    },
  }
  const flow = new TerminalFlow(screen, (offset) => acks.push(offset))
  flow.begin('new', 0, LIMITS)
  return { flow, shown, acks, parse: () => waiting.splice(0).forEach((done) => done()) }
}

const bytes = (length: number, from = 0) =>
  Uint8Array.from({ length }, (_, index) => (from + index) % 251)

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('acknowledges what was parsed, not what was received', () => {
  const { flow, acks, parse } = flowOn('when told')
  flow.output(0, bytes(150))
  vi.advanceTimersByTime(100)
  expect(acks).toEqual([])
  parse()
  expect(acks).toEqual([150])
})

test('a little output is acknowledged once it is quiet', () => {
  const { flow, acks } = flowOn('at once')
  flow.output(0, bytes(5))
  flow.output(5, bytes(5))
  expect(acks).toEqual([])
  vi.advanceTimersByTime(LIMITS.ackAfterMs)
  expect(acks).toEqual([10])
})

test('what the program put out before is replay until it is parsed', () => {
  const { flow, parse } = flowOn('when told')
  flow.begin('new', 10, LIMITS)
  flow.output(0, bytes(10))
  expect(flow.replaying).toBe(true)
  parse()
  expect(flow.replaying).toBe(false)
})

test('a snapshot is replay until its last part is parsed, then the terminal is fitted', () => {
  const { flow, parse } = flowOn('when told')
  flow.begin('new', 5_000, LIMITS)
  flow.expectSnapshot(2)
  const complete = vi.fn()
  flow.snapshotPart(5_000, bytes(40), complete)
  parse()
  expect(flow.replaying).toBe(true)
  flow.snapshotPart(5_000, bytes(40), complete)
  parse()
  expect(flow.replaying).toBe(false)
  expect(flow.parsed).toBe(5_000)
  expect(complete).toHaveBeenCalledOnce()
})

test('however a resume overlaps, each byte is shown once', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.nat(300), (sent, back, more) => {
      const { flow, shown } = flowOn('at once')
      flow.output(0, bytes(sent))
      const from = Math.max(0, sent - back)
      flow.begin('same', sent, LIMITS)
      flow.output(from, bytes(sent - from + more, from))
      expect(shown).toEqual([...bytes(sent + more)])
    }),
  )
})
