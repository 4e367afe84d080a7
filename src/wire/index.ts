/** Wire types: what crosses a process boundary. Types and schemas only; imports nothing of ours but errors. */
export type * from './evidence.ts'
export type * from './lab.ts'
export type * from './results.ts'
export type * from './state.ts'
export type * from './agent-api.ts'
export type * from './terminal.ts'
export type * from './server-api.ts'
