/** The lab's clock: monotonic ms since `up` began, across the processes that took part in it. */
export interface LabClock {
  now(): number
}

/** `beganNs`: `process.hrtime.bigint()` of another process on this machine. */
export function labClock(beganNs: bigint): LabClock {
  return { now: () => Number((process.hrtime.bigint() - beganNs) / 10_000n) / 100 }
}
