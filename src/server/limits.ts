/** Every number of the server, with its unit in the name and its reason beside it. */
export const SERVER_LIMITS = {
  defaultPort: 4321,
  /** How many ports after the wanted one are tried before giving up. */
  portTries: 20,

  /** A lab's faults, answers and hints are small; nothing uploads. */
  bodyBytes: 64 * 1024,
  /** From the page: input comes in frames of 32 KiB. */
  frameBytes: 64 * 1024,
  /** From an agent: a map or results of a large lab in one frame. */
  agentFrameBytes: 4 * 1024 * 1024,
  handshakeMs: 5_000,
  pingMs: 20_000,
  /** Pings without an answer before a socket counts as dead. */
  missedPings: 2,
  /** For a peer to answer that a socket ends, and for requests to finish when the server does. */
  closeMs: 2_000,
  /** Relayed and not yet taken by the other side: from here the source waits. */
  relayBytes: 1024 * 1024,

  /** A page has one for events and one for each terminal; a few tabs. */
  socketsPerSession: 32,
  socketsPerAddress: 128,

  /** Time between asking for a ticket and opening the socket, on a slow link. */
  ticketMs: 30_000,
  ticketBytes: 16,
  ticketsPerMinute: 120,
  tokenBytes: 32,
  /** Wrong tokens from one address; 256 bits are not guessed, but a loop should not cost us CPU. */
  wrongTokensPerMinute: 20,

  sessionBytes: 32,
  /** A course takes weeks. */
  sessionDays: 30,
  /** A busy database is waited for this long, and everybody's terminals with it: it is synchronous. */
  databaseBusyMs: 250,
} as const
