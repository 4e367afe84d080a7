/**
 * What a command needs before it can begin, got where it is missing. Adds a few milliseconds when
 * nothing is. (npm packages are there already: `./halab` sees to them before this file can run.)
 */
import {
  ensureSystemPackages,
  progressPrinter,
  resolveToolchain,
  type OnProgress,
  type PackageUse,
} from '../toolchain/index.ts'
import { ensureSite } from './site-build.ts'

/** `lab`: up, verify. `serve`: the course. `test`: every test. */
export type Purpose = 'lab' | 'serve' | 'test'

const uses: Readonly<Record<Purpose, readonly PackageUse[]>> = {
  lab: ['lab', 'learner'],
  serve: ['lab', 'learner'],
  test: ['lab', 'learner', 'test'],
}

/**
 * System packages, programs and, but for `lab`, the built site. Safe to interrupt and to run twice at
 * once. Throws `missing-packages`, `toolchain-unavailable`, `checksum-mismatch`, `build-failed`,
 * `site-failed`, `disk-full`.
 */
export async function prepare(
  purpose: Purpose,
  options: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<void> {
  const { onProgress = progressPrinter(), signal } = options
  await ensureSystemPackages(uses[purpose], { onProgress, signal })
  await resolveToolchain({ onProgress, signal })
  if (purpose !== 'lab') await ensureSite({ onProgress, signal })
}
