import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Results, TaskStatus } from '../../wire/results.ts'
import { type LoadedLab, defineLab } from '../load.ts'
import type { GateRun } from './run.ts'
import { verify } from './verify.ts'

interface Says {
  readonly status: TaskStatus
  readonly code: string
}
const FAIL: Says = { status: 'fail', code: 'not-yet' }
const PASS: Says = { status: 'pass', code: 'ok' }

let folder: string
beforeEach(async () => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'],
    shouldAdvanceTime: false,
  })
  folder = await mkdtemp(join(tmpdir(), 'halab-gate-'))
  await mkdir(join(folder, 'wrong'))
  await writeFile(join(folder, 'solution.sh'), 'solve')
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

function lab(): LoadedLab {
  const spec = defineLab({
    id: 'sample',
    title: 'Sample',
    module: 'start',
    minutes: 1,
    topology: { controlPlanes: 1, workers: 0, etcd: 'stacked', balancers: 1 },
    setup: async () => {},
    tasks: [{ id: 'task', title: 'Task', points: 1, kind: 'do', hints: {} }],
    engines: ['namespaces'],
  })
  return { spec, folder }
}

/** A lab whose task says `says[script]` from the end of that script on, each word for one look. */
function fakeRun(says: Readonly<Record<string, readonly Says[]>>): GateRun & { resets: number } {
  let present: readonly Says[] = says['untouched'] ?? [FAIL]
  let looks = 0
  return {
    name: 'sample-abcd',
    resets: 0,
    async results() {
      const now = present[Math.min(looks, present.length - 1)] ?? FAIL
      looks += 1
      return { tasks: [{ id: 'task', message: 'seen', ...now }] } as unknown as Results
    },
    async script(source) {
      present = says[source.split('\n').at(-1) ?? ''] ?? [FAIL]
      looks = 0
      return { exitCode: source.includes('exit 1') ? 1 : 0, output: 'printed' }
    },
    async reset() {
      this.resets += 1
      present = [FAIL]
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function gate(says: Readonly<Record<string, readonly Says[]>>) {
  const run = fakeRun(says)
  const rows = verify({
    labs: [lab()],
    start: async () => run,
    signal: new AbortController().signal,
  })
  let done = false
  void rows.finally(() => (done = true))
  // Real file reads lie between the timers: let both go on until the gate is through.
  while (!done) {
    await vi.advanceTimersByTimeAsync(500)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    run,
    rows: (await rows).map(({ run: name, ok, got, code }) => ({ run: name, ok, got, code })),
  }
}

describe('the author gate', () => {
  it('is content with a lab that fails untouched, passes solved, and fails for the named reason', async () => {
    await writeFile(join(folder, 'wrong/lease-deleted--record.sh'), '# task: task\nwrong')
    const { rows, run } = await gate({
      solve: [FAIL, PASS],
      wrong: [FAIL, { status: 'fail', code: 'lease-deleted' }],
    })
    expect(rows).toEqual([
      { run: 'untouched', ok: true, got: 'fail', code: 'ok' },
      { run: 'solution', ok: true, got: 'pass', code: 'ok' },
      { run: 'wrong/lease-deleted--record', ok: true, got: 'lease-deleted', code: 'lease-deleted' },
    ])
    expect(run.resets).toBe(1)
  })

  it.each<[string, Says]>([
    ['passes', PASS],
    ['gives an error', { status: 'error', code: 'not-observed' }],
  ])('is red when an untouched lab %s', async (_, says) => {
    const { rows } = await gate({ untouched: [FAIL, FAIL, says], solve: [PASS] })
    expect(rows[0]).toMatchObject({ ok: false, got: says.status, code: `task:${says.code}` })
  })

  it('is red when the solution does not pass, or ends badly', async () => {
    expect((await gate({ solve: [FAIL] })).rows[1]).toMatchObject({
      ok: false,
      code: 'task:not-yet',
    })
    await writeFile(join(folder, 'solution.sh'), 'exit 1')
    expect((await gate({ 'exit 1': [PASS] })).rows[1]).toMatchObject({ ok: false, code: 'exit-1' })
  })

  it('is red when a wrong attempt passes later, or fails for another reason', async () => {
    await writeFile(join(folder, 'wrong/odd--late.sh'), '# task: task\nlate')
    await writeFile(join(folder, 'wrong/odd--other.sh'), '# task: task\nother')
    const odd: Says = { status: 'fail', code: 'odd' }
    const { rows } = await gate({ solve: [PASS], late: [odd, odd, odd, PASS], other: [FAIL] })
    expect(rows.slice(2)).toEqual([
      { run: 'wrong/odd--late', ok: false, got: 'pass', code: 'ok' },
      { run: 'wrong/odd--other', ok: false, got: 'not-yet', code: 'not-yet' },
    ])
  })
})
