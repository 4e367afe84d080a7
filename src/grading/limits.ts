/** How long a single check may take; live queries through a dead API server must end well before. */
export const CHECK_LIMIT_MS = 5_000

/** How long a lab may take to be ready before the author gate gives it up: many times the budget. */
export const READY_LIMIT_MS = 120_000
/** How long an untouched lab must go on failing; tasks are graded each second. */
export const UNTOUCHED_WATCH_MS = 4_000
/** How long the author gate waits for all tasks to pass once the solution has ended. */
export const SOLUTION_SETTLE_LIMIT_MS = 30_000
/** How long the author gate waits for the reason code of a wrong attempt (part of the gate's contract). */
export const WRONG_ATTEMPT_LIMIT_MS = 90_000
/** How long after its code a wrong attempt must not pass: the longest failover, and one look more. */
export const WRONG_ATTEMPT_WATCH_MS = 25_000
/** The longest that a solution or a wrong attempt may run: several failovers of 24 s and room to spare. */
export const SCRIPT_LIMIT_MS = 240_000
/** How often the gate asks for results; the agent grades by itself each second. */
export const GATE_POLL_MS = 500
