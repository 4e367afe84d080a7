/** Every number of a terminal session, with its unit in the name and its reason beside it. */
const KIB = 1024

export const TERMINAL_LIMITS = {
  /** What a client that lost its connection may have missed and still resume without a snapshot. */
  ringBytes: 1024 * KIB,
  /** Lines above the screen in a snapshot: a few screens of history for ~85 KiB. */
  scrollbackLines: 1000,

  /** xterm.js stays responsive below ~500 kB of unparsed output; its guide asks for HIGH ≤ 500 K. */
  pauseAboveBytes: 256 * KIB,
  resumeBelowBytes: 64 * KIB,
  /** More than this unparsed and a client gets no more: a viewer then continues from a snapshot. */
  windowBytes: 512 * KIB,
  /** The headless mirror is an xterm too: the same reason, and it must never outrun the ring. */
  mirrorPauseAboveBytes: 1024 * KIB,
  mirrorResumeBelowBytes: 512 * KIB,
  /** Nobody attached: keep reading, so that the program goes on, but fifty forgotten `yes` cost little. */
  unattendedBytesPerSecond: 1024 * KIB,

  /** Under the frame that a keystroke's echo is noticed in, long enough to gather a burst. */
  batchMs: 4,
  batchBytes: 64 * KIB,

  /** A client acknowledges what its emulator has parsed this often, and when output goes quiet. */
  ackEveryBytes: 32 * KIB,
  ackAfterMs: 16,

  /** node-pty drops what is unread 200 ms after the child's end: a paused pty is looked after sooner. */
  pausedCheckMs: 100,
  /** For a pty that cannot tell whether its child lives: read a little at least this often. */
  pausedBreathMs: 2_000,

  /** Largest payload of one INPUT frame; longer pastes are split by the client. */
  inputBytes: 32 * KIB,
  /** Nobody types or pastes faster for long; a loop that does is held to it. */
  inputBytesPerSecond: 1024 * KIB,
  /** Input that waits for its turn; beyond, the client is disconnected (4429). */
  inputQueueBytes: 1024 * KIB,
  /** A control message is small; the largest is `run` with a code block. */
  messageBytes: 64 * KIB,

  /** The windows bound output; this bounds everything else to a client that does not read at all. */
  bufferedBytes: 4 * 1024 * KIB,

  helloMs: 5_000,
  /** Dragging a window sends hundreds of sizes; each one redraws a full-screen program. */
  resizeMs: 100,
  cols: { min: 20, max: 500 },
  rows: { min: 5, max: 200 },
  /** Titles come from hostile output. */
  titleChars: 256,
  /** Somebody who was lent the keyboard and does not use it gives it back. */
  leaseIdleMs: 60_000,
} as const
