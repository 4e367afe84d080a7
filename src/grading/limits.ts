/** How long a single check may take; live queries through a dead API server must end well before. */
export const CHECK_LIMIT_MS = 5_000
/** How long the author gate waits for the reason code of a wrong attempt (part of the gate's contract). */
export const WRONG_ATTEMPT_LIMIT_MS = 90_000
/** How long the author gate waits for all tasks to pass once the solution has ended. */
export const SOLUTION_SETTLE_LIMIT_MS = 30_000
/** The longest that a solution or a wrong attempt may run: several failovers of 24 s and room to spare. */
export const SCRIPT_LIMIT_MS = 240_000
/** How often the gate asks for results; the agent grades by itself each second. */
export const GATE_POLL_MS = 500
