import { expect, test } from 'vitest'
import { SERVER_LIMITS } from './limits.ts'
import { createRateLimit } from './rate-limit.ts'
import { createTickets } from './tickets.ts'

const scope = { session: 's', run: 'r', terminal: 't' }

test('a ticket is good once, for what it was issued for, in time', () => {
  let now = 0
  const tickets = createTickets(() => now)
  const good = tickets.issue(scope, 'viewer')
  expect(good).toHaveLength(22)
  expect(tickets.redeem(good, scope)).toBe('viewer')
  expect(tickets.redeem(good, scope)).toBeNull()

  for (const other of [{ session: 'x' }, { run: 'x' }, { terminal: 'x' }]) {
    const misused = tickets.issue(scope, 'learner')
    expect(tickets.redeem(misused, { ...scope, ...other })).toBeNull()
    // Shown at the wrong door it is spent.
    expect(tickets.redeem(misused, scope)).toBeNull()
  }

  const late = tickets.issue(scope, 'learner')
  now += SERVER_LIMITS.ticketMs
  expect(tickets.redeem(late, scope)).toBeNull()
  expect(tickets.redeem('', scope)).toBeNull()
})

test('so many a minute, each for itself', () => {
  let now = 0
  const limit = createRateLimit(2, () => now)
  limit.count('a')
  limit.count('a')
  expect(() => limit.count('a')).toThrow(/More than 2/)
  expect(() => limit.check('a')).toThrow()
  limit.count('b')
  now += 60_000
  limit.count('a')
})
