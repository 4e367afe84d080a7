/** What downloading and building may take, each with its reason. */

/** A machine without a way out should fall through to Go at once; a slow line answers a SYN sooner. */
export const CONNECT_TIMEOUT_MS = 3_000
/** From the request to the first byte of the answer. */
export const HEADERS_TIMEOUT_MS = 10_000
/** Silence in the middle of a file: the connection is dead, and the rest is asked for anew. */
export const STALL_TIMEOUT_MS = 30_000
/** Attempts in a row that brought no byte, after which the server counts as unreachable. */
export const EMPTY_ATTEMPTS = 3
/** Attempts in all: a server that drops every connection after a few bytes must not hold us for ever. */
export const ATTEMPTS = 30
export const FIRST_RETRY_MS = 500

/** kube-apiserver takes 0.3 s to say its version on an idle machine. */
export const VERSION_TIMEOUT_MS = 10_000

/** Go learned to fetch the toolchain that a go.mod asks for in 1.21. */
export const OLDEST_GO_MINOR = 21
/** Measured at 4.2 GB of build and module cache, with room for Go's temporary files and its next version. */
export const COLD_BUILD_BYTES = 12e9
/** With the sources in the module cache what is left are objects and the programs themselves. */
export const WARM_BUILD_BYTES = 3e9
export const ETCD_BUILD_BYTES = 2e9
/** The eight programs and one golden snapshot. */
export const BINARIES_BYTES = 1e9

/** Waiting this long for a lock is worth a word to the user. */
export const LOCK_NOTICE_MS = 300

/** Namespaces are made in milliseconds; a machine that hangs is as good as one that refuses. */
export const PROBE_TIMEOUT_MS = 5_000
/** A lab of three control planes and two workers takes up to 1.3 GB; the server, the page and the kernel want some too. */
export const LAB_MEMORY_BYTES = 2e9
/** The first Node that runs TypeScript as it is and has `node:sqlite` without a flag. */
export const OLDEST_NODE_MAJOR = 24
/** Where the course is served unless told. */
export const SERVER_PORT = 4321
