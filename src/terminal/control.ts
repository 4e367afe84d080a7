/**
 * Who types in a terminal. One party at a time: the learner, unless they lend the keyboard, and
 * then only until it is given back, left, or unused for a minute.
 */
import { HalabError } from '../errors.ts'
import type { TerminalParty } from '../wire/terminal.ts'
import type { Clock } from './clock.ts'
import { TERMINAL_LIMITS } from './limits.ts'

export interface Control {
  readonly controller: TerminalParty | null
  join(party: TerminalParty, want: 'control' | 'view'): void
  /** `party` comes in for the attachment `old` of the same person that hung. */
  replace(old: string, party: TerminalParty): void
  leave(id: string): void
  /** The owner always may; an instructor where the workshop allows it. Throws `forbidden`. */
  take(id: string): void
  /** Whom to ask; null when the asker got it at once because nobody had it. Throws `forbidden`. */
  request(id: string): TerminalParty | null
  /** Answers the last request: who is refused, or null when nobody waits any more. */
  grant(id: string): void
  deny(id: string): TerminalParty | null
  release(id: string): void
  /** The controller typed. */
  used(): void
}

export interface ControlOptions {
  readonly clock: Clock
  readonly instructors: 'may-take' | 'must-ask'
  changed(): void
}

interface Seat {
  party: TerminalParty
  want: 'control' | 'view'
}

export function createControl({ clock, instructors, changed }: ControlOptions): Control {
  /** In the order of coming. */
  const seats = new Map<string, Seat>()
  let controller: string | null = null
  let lender: string | null = null
  let asking: string | null = null
  let usedAt = 0
  let cancelLease = () => {}

  const give = (to: string | null, from: string | null) => {
    cancelLease()
    lender = from
    if (from !== null) watchLease()
    if (controller === to) return
    controller = to
    changed()
  }
  const watchLease = () => {
    usedAt = clock.now()
    const check = () => {
      const left = usedAt + TERMINAL_LIMITS.leaseIdleMs - clock.now()
      if (left <= 0) give(heir(controller), null)
      else cancelLease = clock.after(left, check)
    }
    cancelLease = clock.after(TERMINAL_LIMITS.leaseIdleMs, check)
  }
  /** Who gets it when `leaving` has it no more: the lender, else the first owner who wants it. */
  const heir = (leaving: string | null): string | null => {
    if (lender !== null && lender !== leaving && seats.has(lender)) return lender
    for (const [id, { party, want }] of seats)
      if (id !== leaving && party.role === 'learner' && want === 'control') return id
    return null
  }
  const seat = (id: string): Seat => {
    const found = seats.get(id)
    if (!found) throw new HalabError('unknown-party', `${id} is not attached`)
    return found
  }
  const isController = (id: string) => {
    if (controller !== id) throw forbidden('Only who types now may do that')
  }

  return {
    get controller() {
      return controller === null ? null : (seats.get(controller)?.party ?? null)
    },
    join(party, want) {
      seats.set(party.id, { party, want })
      if (controller === null && want === 'control' && party.role === 'learner')
        give(party.id, null)
    },
    replace(old, party) {
      const { want } = seat(old)
      seats.delete(old)
      seats.set(party.id, { party, want })
      if (lender === old) lender = party.id
      if (controller === old) give(party.id, lender)
    },
    leave(id) {
      seats.delete(id)
      if (asking === id) asking = null
      if (controller === id) give(heir(id), null)
      if (lender === id) lender = null
    },
    take(id) {
      const { party } = seat(id)
      const may =
        party.role === 'learner' || (party.role === 'instructor' && instructors === 'may-take')
      if (!may) throw forbidden('This terminal is somebody else’s: ask for control instead')
      give(id, party.role === 'learner' ? null : (lender ?? controller))
    },
    request(id) {
      const { party } = seat(id)
      if (party.role === 'viewer') throw forbidden('Viewers only watch')
      if (controller === id) return null
      if (controller === null) {
        if (party.role !== 'learner') throw forbidden('Nobody is here who could allow it')
        give(id, null)
        return null
      }
      asking = id
      return this.controller
    },
    grant(id) {
      isController(id)
      if (asking === null) return
      const to = asking
      asking = null
      give(to, seat(to).party.role === 'learner' ? null : (lender ?? id))
    },
    deny(id) {
      isController(id)
      const refused = asking === null ? null : (seats.get(asking)?.party ?? null)
      asking = null
      return refused
    },
    release(id) {
      isController(id)
      seat(id).want = 'view'
      give(heir(id), null)
    },
    used() {
      usedAt = clock.now()
    },
  }
}

const forbidden = (message: string) => new HalabError('forbidden', message)
