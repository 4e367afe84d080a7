/** The author gate: drives labs from outside and tells whether each is worth listing. */
export { gateRun } from './agent-run.ts'
export type { StartRun } from './run.ts'
export { type GateRow, verify } from './verify.ts'
