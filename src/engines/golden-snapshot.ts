/**
 * The golden snapshot: what etcd holds once a cluster of these versions and flags has come up the
 * first time. Made by booting one control plane from nothing; later labs start from it.
 */
import { existsSync } from 'node:fs'
import { chmod, copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { goldenKey } from '../cluster/golden-key.ts'
import { stateDir } from '../paths.ts'
import { runFolder } from './runs.ts'
import { endRun, goldenDir, startAgent } from './start-agent.ts'

export async function ensureGolden(
  onStep?: (step: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const wanted = join(goldenDir(), `${goldenKey()}.db`)
  if (existsSync(wanted)) return
  onStep?.('golden snapshot (first run only)')
  const name = `golden-${process.pid}`
  const agent = await startAgent(
    {
      name,
      engine: 'namespaces',
      seed: 1,
      startedAt: new Date().toISOString(),
      beganNs: String(process.hrtime.bigint()),
      goldenKey: goldenKey(),
    },
    signal,
  )
  try {
    await agent.get('/v1/golden')
    const part = `${wanted}.${process.pid}.part`
    await copyFile(join(runFolder(name), 'golden.db'), part)
    await chmod(part, 0o644)
    await rename(part, wanted)
  } finally {
    await endRun(name)
    await rm(join(stateDir(), 'runs', name), { recursive: true, force: true })
  }
}
