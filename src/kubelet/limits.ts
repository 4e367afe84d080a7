/** A container's log is on the node's tmpfs, so it costs memory: it rotates at this size … */
export const LOG_ROTATE_BYTES = 1024 * 1024
/** … and this many rotated files are kept beside the live one. */
export const LOG_ROTATED_FILES = 1
/** Logs of the running container and of the one before it (`kubectl logs --previous`). */
export const LOG_RESTARTS_KEPT = 2
/** A longer line is written in parts (tag `P`), as containerd does. */
export const LOG_LINE_MAX_BYTES = 16 * 1024
/** The kubelet's own log. */
export const JOURNAL_MAX_BYTES = 1024 * 1024

/** Kubernetes' CrashLoopBackOff: 10 s, doubled up to 5 min, forgotten after twice the longest. */
export const BACK_OFF_MIN_MS = 10_000
export const BACK_OFF_MAX_MS = 300_000
export const BACK_OFF_FORGET_MS = 2 * BACK_OFF_MAX_MS

/** A manifest is read when its folder was quiet for this long: editors write in several steps. */
export const MANIFEST_QUIET_MS = 50
/** A manifest must stay away this long to count as removed: a rewrite through rename leaves a hole. */
export const MANIFEST_GONE_MS = 300
/** A manifest that stays unreadable ends its Pod at the next scan after this, as a kubelet's full scan does. */
export const MANIFEST_BROKEN_MS = 5_000
/** A Pod takes some kB; a larger file is not a manifest. */
export const MANIFEST_MAX_BYTES = 1024 * 1024

/** "Pulling" and starting the container of a simulated Pod takes between these. */
export const SIMULATED_START_MIN_MS = 400
export const SIMULATED_START_MAX_MS = 1_500

/** As in a kubelet's KubeletConfiguration; the defaults are Kubernetes'. */
export interface KubeletTimers {
  /** nodeStatusUpdateFrequency: how often the Node's status is compared. */
  readonly statusCheckMs: number
  /** nodeStatusReportFrequency: how often it is sent although nothing changed. */
  readonly statusReportMs: number
  readonly leaseRenewMs: number
  readonly leaseDurationSeconds: number
  /** Between attempts to register, and to reach the API for the first time. */
  readonly registerRetryMs: number
  /** Scan of the manifest folder where inotify told nothing. */
  readonly rescanMs: number
  readonly requestTimeoutMs: number
}
export const DEFAULT_TIMERS: KubeletTimers = {
  statusCheckMs: 10_000,
  statusReportMs: 300_000,
  leaseRenewMs: 10_000,
  leaseDurationSeconds: 40,
  registerRetryMs: 250,
  rescanMs: 10_000,
  requestTimeoutMs: 4_000,
}

/** What SIGTERM gets at least when a preStop hook has used up the grace, as with a kubelet. */
export const AFTER_HOOK_MS = 2_000
/** After a Pod could not be brought in line, e.g. for want of an address. */
export const SYNC_RETRY_MS = 2_000
/** Events a kubelet may write at once, and how often it earns one more: it must not flood the API. */
export const EVENTS_BURST = 25
export const EVENTS_REFILL_MS = 5_000
/** As client-go's broadcaster: after these, an Event is lost. */
export const EVENT_TRIES = 12
export const EVENT_RETRY_MS = 5_000
/** Back-off of writes to the API (mirror Pods, statuses). */
export const WRITE_RETRY_MIN_MS = 250
export const WRITE_RETRY_MAX_MS = 10_000
/** … and when the API server cannot be reached: a node that is plugged in again should catch up soon. */
export const WRITE_RETRY_NETWORK_MS = 2_000
