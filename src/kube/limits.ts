/** A request that takes longer has failed; API servers answer in milliseconds or not at all. */
export const REQUEST_TIMEOUT_MS = 5_000
/** Connections kept for requests; watches have connections of their own. */
export const POOL_CONNECTIONS = 4
/** Shorter than the API server's own idle timeout (90 s), longer than a Lease's renewal (10 s). */
export const KEEP_ALIVE_MS = 30_000
/**
 * A watch is asked anew after this long. A frozen API server says nothing, neither data nor end:
 * a watch that outlives its own end by the request timeout is known to hang.
 */
export const WATCH_SECONDS = 60
/** Back-off of list and watch after a failure. */
export const RETRY_MIN_MS = 200
export const RETRY_MAX_MS = 5_000
/** An object of etcd is at most 1.5 MiB; a longer line is not an event. */
export const WATCH_LINE_MAX_BYTES = 4 * 1024 * 1024
