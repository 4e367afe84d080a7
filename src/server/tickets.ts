/** A ticket opens one terminal, once, soon, for the session that asked: it rides in the WebSocket's subprotocol. */
import type { TerminalRole } from '../wire/terminal.ts'
import { SERVER_LIMITS } from './limits.ts'
import { digest, matches, newSecret } from './secrets.ts'

interface TicketScope {
  readonly session: string
  readonly run: string
  readonly terminal: string
}
interface Ticket extends TicketScope {
  readonly digest: string
  readonly role: TerminalRole
  readonly until: number
}

export interface Tickets {
  issue(scope: TicketScope, role: TerminalRole): string
  /** The role it was issued for, or null. Whatever comes out, the ticket is used up. */
  redeem(ticket: string, scope: TicketScope): TerminalRole | null
}

export function createTickets(now = () => Date.now()): Tickets {
  let open: Ticket[] = []
  return {
    issue(scope, role) {
      const secret = newSecret(SERVER_LIMITS.ticketBytes)
      const until = now() + SERVER_LIMITS.ticketMs
      open = open.filter((ticket) => ticket.until > now())
      open.push({ ...scope, role, until, digest: digest(secret) })
      return secret
    },
    redeem(secret, { session, run, terminal }) {
      const found = open.find((ticket) => matches(secret, ticket.digest))
      if (!found) return null
      open = open.filter((ticket) => ticket !== found)
      const fits =
        found.until > now() &&
        found.session === session &&
        found.run === run &&
        found.terminal === terminal
      return fits ? found.role : null
    },
  }
}
