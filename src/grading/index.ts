/**
 * The grading kit: what labs and graders import, and how the rest of the program loads and runs them.
 * Light on purpose: every `halab` command that lists labs imports it once for each.
 */
export * from './blindness.ts'
export * from './ended-leaders.ts'
export * from './grader.ts'
export * from './history.ts'
export * from './interval.ts'
export type * from './lab-definition.ts'
export * from './leader-end.ts'
export * from './leadership.ts'
export * from './load.ts'
export * from './question.ts'
export * from './session.ts'
export * from './temporal.ts'
export * from './verdict.ts'
