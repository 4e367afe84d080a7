/** lab-term.v1: codec, ring and session of a terminal. No transport in here: whoever has sockets brings them. */
export type { TerminalClient } from './attachment.ts'
export type { Transport } from './outlet.ts'
export { createTerminalSession, type TerminalSession } from './session.ts'
