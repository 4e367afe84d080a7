import { expect, test } from 'vitest'
import { coalesced } from './coalesced.ts'

test('never runs twice at once, and never forgets to run again', async () => {
  let running = 0
  let asked = 0
  let seen = 0
  const work = coalesced(async () => {
    running += 1
    expect(running).toBe(1)
    seen = asked
    await Promise.resolve()
    running -= 1
  })
  for (let turn = 0; turn < 50; turn++) {
    asked += 1
    work.poke()
    for (let tick = 0; tick < turn % 7; tick++) await Promise.resolve()
  }
  await work.idle()
  expect(seen).toBe(50)
})
