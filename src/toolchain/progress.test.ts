import { expect, test, vi } from 'vitest'
import { progressPrinter, runStep, type Progress } from './progress.ts'

function printed(isTTY: boolean, all: readonly Progress[]): string {
  let text = ''
  const print = progressPrinter({ isTTY, write: (more) => (text += more) })
  all.forEach(print)
  return text
}
const going = (elapsedMs: number): Progress => ({
  step: 'kubectl',
  state: 'going',
  text: '1 of 9 MB',
  elapsedMs,
})

test('a log gets a line every ten seconds and one at the end', () => {
  const steps = Array.from({ length: 25 }, (_, i) => going((i + 1) * 1000))
  const text = printed(false, [...steps, { ...going(25_000), state: 'end' }])
  expect(text.split('\n')).toEqual([
    'kubectl 1 of 9 MB 10 s …',
    'kubectl 1 of 9 MB 20 s …',
    'kubectl 1 of 9 MB 25 s',
    '',
  ])
})

test('a terminal gets one line that renews itself', () => {
  const text = printed(true, [going(1000), going(61_000), { ...going(62_000), state: 'end' }])
  expect(text.match(/\n/g)).toHaveLength(1)
  expect(text).toContain('\r\x1b[Kkubectl 1 of 9 MB 1 min 1 s')
})

test('a step is told at its begin, each second and when it fails', async () => {
  vi.useFakeTimers()
  const states: string[] = []
  const failing = runStep(
    'x',
    ({ state }) => states.push(state),
    async () => {
      await vi.advanceTimersByTimeAsync(2000)
      throw new Error('no')
    },
  )
  await expect(failing).rejects.toThrow('no')
  await vi.advanceTimersByTimeAsync(5000)
  expect(states).toEqual(['begin', 'going', 'going', 'failed'])
  vi.useRealTimers()
})
