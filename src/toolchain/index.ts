/** Finding, downloading or building the pinned programs, and what else a machine must have. */
export { binDir } from './bin-dir.ts'
export { checks, type Diagnosis } from './doctor.ts'
export type { Check } from './finding.ts'
export { holdLock } from './flock.ts'
export { resolveToolchain, type Binary, type ResolveOptions } from './resolve.ts'
export {
  duration,
  note,
  progressPrinter,
  runStep,
  type OnProgress,
  type Progress,
} from './progress.ts'
export { ensureSystemPackages, type PackageUse } from './system-packages.ts'
export type { BinaryName } from './versions.ts'
