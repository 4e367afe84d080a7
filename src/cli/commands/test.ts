import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { duration } from '../../toolchain/index.ts'
import { EXIT } from '../exit.ts'
import { type Io, print } from '../io.ts'
import { prepare } from '../prepare.ts'
import { stages } from '../test-run/stages.ts'
import { add, NOTHING, type Tally } from '../test-run/tally.ts'

/** What all of it may take on two cores; a runner that hangs is a failure, not a night. */
const BUDGET_MS = 60 * 60_000

/**
 * Every test, one stage after another; the last line is `N passed, N failed`. `only`: names of
 * stages, all when empty. Works on state and sockets of its own, so it neither sees nor ends the
 * user's labs; programs and golden snapshots it shares with them.
 */
export async function test(only: readonly string[], io: Io, stop: AbortSignal): Promise<number> {
  await prepare('test', { signal: stop })
  // A short path: sockets of labs have to fit below it.
  const folder = await mkdtemp(join(tmpdir(), 'halab-t-'))
  const signal = AbortSignal.any([stop, AbortSignal.timeout(BUDGET_MS)])
  const rows: { name: string; tally: Tally; ms: number }[] = []
  try {
    const env = await environment(folder)
    for (const { name, run } of stages) {
      if (only.length > 0 && !only.includes(name)) continue
      stop.throwIfAborted()
      print(io, `\n── ${name}`)
      const began = performance.now()
      const tally = await run({ env, signal, reports: folder })
      rows.push({ name, tally, ms: performance.now() - began })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  stop.throwIfAborted()
  print(io, '')
  for (const { name, tally, ms } of rows)
    print(
      io,
      `${tally.failed > 0 ? '✗' : '✓'} ${name.padEnd(12)} ${counts(tally)} · ${duration(ms)}`,
    )
  const sum = rows.map(({ tally }) => tally).reduce(add, NOTHING)
  print(io, `\n${counts(sum)}`)
  return sum.failed > 0 ? EXIT.no : EXIT.done
}

function counts({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`
}

/** `.bin` scripts start `node`: that has to be the one which runs us, not the machine's older one. */
async function environment(folder: string): Promise<NodeJS.ProcessEnv> {
  const state = join(folder, 'state')
  const runtime = join(folder, 'run')
  await Promise.all([state, runtime].map((each) => mkdir(each, { mode: 0o700 })))
  return {
    ...process.env,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HALAB_STATE: state,
    HALAB_RUNTIME: runtime,
    ASTRO_TELEMETRY_DISABLED: '1',
  }
}
