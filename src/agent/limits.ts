/** Every number of the agent that could be another, with its unit and the reason for it. */
export const LIMITS = {
  /** Evidence is written in batches: a crash loses at most this much, and a disk sees few writes. */
  evidenceFlushMs: 50,
  /** A probe that takes longer has failed: what a client with a short patience would feel. */
  probeTimeoutMs: 1000,
  writeEveryMs: 250,
  readyzEveryMs: 500,
  readEveryMs: 1000,
  etcdEveryMs: 500,
  /** Equal results are summed up in one line, but never longer than this. */
  summaryMs: 5000,
  /** Renewals of one Lease are recorded at most this often. */
  renewalEveryMs: 1000,
  balancerEveryMs: 500,
  /** How often tasks grade themselves, and how often the map is looked at for a change. */
  gradeEveryMs: 1000,
  mapEveryMs: 200,
  memoryEveryMs: 5000,
  bootPollMs: 25,
  /** Boot that takes longer than this is not going to happen. */
  bootTimeoutMs: 180_000,
  setupTimeoutMs: 60_000,
  bodyBytes: 64 << 10,
  execTimeoutMaxMs: 3_600_000,
} as const
