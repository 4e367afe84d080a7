import { describe, expect, it, vi } from 'vitest'
import { createEvidenceLog } from './evidence-log.fixture.ts'
import { type Grader, type TaskCheck, defineGrader, grade } from './grader.ts'
import type { LabSpec, TaskSpec } from './lab-definition.ts'
import { defineLab } from './load.ts'
import { createGradingSession } from './session.ts'
import { error, fail, pass } from './verdict.ts'

const hints = {
  'not-yet': ['Look.', 'Look at the lease.', 'kubectl get lease'],
  '*': ['Anything.'],
}

function setUp(tasks: Record<string, TaskCheck>, kind: TaskSpec['kind'] = 'do') {
  const log = createEvidenceLog()
  const spec: LabSpec = defineLab({
    id: 'sample',
    title: 'Sample',
    module: 'start',
    minutes: 5,
    topology: { controlPlanes: 3, workers: 2, etcd: 'stacked', balancers: 1 },
    setup: async () => {},
    tasks: Object.keys(tasks).map((id) => ({ id, title: id, points: 2, kind, hints })),
    engines: ['namespaces'],
  })
  const grader: Grader = defineGrader({ lab: 'sample', tasks })
  let now = 0
  const context = {
    history: log.history,
    spec,
    topology: spec.topology,
    seed: 7,
    startedAt: '2026-03-01T12:00:00.000Z',
    query: {
      get: async () => ({ ok: false, reason: 'not asked here' }) as const,
      exec: async () => ({ ok: false, reason: 'not asked here' }) as const,
    },
    now: () => now,
  }
  const open = () =>
    createGradingSession({
      grader,
      context,
      run: { name: 'sample-abcd', engine: 'namespaces' },
      record: (observation) => void log.write(now, observation),
    })
  return { log, grader, context, session: open(), pass: (ms: number) => (now += ms) }
}

const verdicts = (log: ReturnType<typeof createEvidenceLog>) =>
  log.lines.flatMap((line) => (line.kind === 'verdict' ? [`${line.status} ${line.code}`] : []))

describe('grade', () => {
  it('makes a check that throws or hangs an error of that task alone', async () => {
    const { log, grader, context } = setUp({
      throws: () => {
        throw new Error('boom')
      },
      hangs: () => new Promise(() => {}),
      fine: () => pass('fine'),
    })
    log.ready(0)
    const graded = await grade(grader, context, { limitMs: 20 })
    expect(graded.map(({ id, verdict }) => `${id} ${verdict.code}`)).toEqual([
      'throws grader-threw',
      'hangs grader-timeout',
      'fine ok',
    ])
    expect(graded[0]?.verdict.message).toContain('boom')
  })

  it('counts nothing before the lab is ready', async () => {
    const { grader, context } = setUp({ fine: () => pass('fine') })
    const [graded] = await grade(grader, context)
    expect(graded?.verdict).toMatchObject({ status: 'fail', code: 'lab-not-ready' })
  })
})

describe('modes', () => {
  it('edge keeps a pass, level does not', async () => {
    let good = true
    const check = () => (good ? pass('good') : fail('bad', 'bad'))
    const { log, session } = setUp({ edge: check, level: { mode: 'level', check } })
    log.ready(0)
    await session.evaluate()
    good = false
    const { tasks, score, max } = await session.evaluate()
    expect(tasks.map(({ status }) => status)).toEqual(['pass', 'fail'])
    expect([score, max]).toEqual([2, 4])
  })

  it('window wants it to hold without a break', async () => {
    const says = [pass('up'), error('blind', '?'), pass('up'), pass('up'), pass('up')]
    const clock = setUp({
      window: { mode: 'window', forMs: 2000, check: () => says.shift() ?? fail('none', 'none') },
    })
    clock.log.ready(0)
    const codes: string[] = []
    while (says.length > 0) {
      clock.pass(1000)
      codes.push((await clock.session.evaluate()).tasks[0]?.code ?? '')
    }
    expect(codes).toEqual(['not-long-enough', 'blind', 'not-long-enough', 'not-long-enough', 'ok'])
  })
})

describe('a session', () => {
  it('writes a verdict line when a verdict changes, and only then', async () => {
    let done = false
    const { log, session } = setUp({
      task: () => (done ? pass('done') : fail('not-yet', 'not yet')),
    })
    log.ready(0)
    await session.evaluate()
    await session.evaluate()
    done = true
    await session.evaluate()
    await session.evaluate()
    expect(verdicts(log)).toEqual(['fail not-yet', 'pass ok'])
  })

  it('counts attempts of checks and answers, not of the automatic check', async () => {
    const { log, session } = setUp(
      { a: () => fail('not-yet', '…'), b: () => fail('not-yet', '…') },
      'question',
    )
    log.ready(0)
    await session.evaluate()
    await session.check()
    await session.check(['a'])
    await session.answer('b', ' cp-1 ')
    expect(session.results().tasks.map(({ attempts }) => attempts)).toEqual([2, 2])
    expect(log.history.answers('b').map(({ value }) => value)).toEqual(['cp-1'])
    await expect(session.check(['c'])).rejects.toMatchObject({ code: 'unknown-task' })
  })

  it('gives the hints of the present reason one after another, then stays at the last', async () => {
    const { log, session } = setUp({
      task: () => fail('not-yet', '…'),
      other: () => fail('odd', '…'),
    })
    log.ready(0)
    await session.evaluate()
    expect(session.hint('task')).toEqual({ hint: 'Look.', n: 1, of: 3 })
    expect(session.hint('task').n).toBe(2)
    expect(session.hint('task').n).toBe(3)
    expect(session.hint('task').n).toBe(3)
    expect(session.hint('other')).toEqual({ hint: 'Anything.', n: 1, of: 1 })
    expect(session.results().tasks.map((task) => task.hints)).toEqual([3, 1])
  })

  it('clears verdicts on a reset, and keeps attempts and hints', async () => {
    const { log, session } = setUp({
      task: ({ history }) => (history.epoch === 1 ? pass('p') : fail('not-yet', 'n')),
    })
    log.ready(0)
    await session.check()
    expect(session.results().score).toBe(2)
    log.reset(5000)
    expect(session.results().score).toBe(0)
    expect((await session.evaluate()).tasks[0]).toMatchObject({
      status: 'fail',
      code: 'lab-not-ready',
    })
    log.ready(9000)
    expect((await session.evaluate()).tasks[0]).toMatchObject({ code: 'not-yet', attempts: 1 })
  })

  it('drops what was found when a reset came in between', async () => {
    let found: (() => void) | undefined
    const { log, session } = setUp({
      task: async ({ history }) => {
        if (history.epoch > 1) return fail('not-yet', 'n')
        await new Promise<void>((resolve) => (found = resolve))
        return pass('p')
      },
    })
    log.ready(0)
    const grading = session.evaluate()
    await vi.waitFor(() => expect(found).toBeDefined())
    log.reset(5000)
    log.ready(9000)
    found?.()
    expect((await grading).score).toBe(0)
    expect((await session.evaluate()).tasks[0]).toMatchObject({ code: 'not-yet' })
  })

  it('refuses answers to what is not a question, and before the lab is ready', async () => {
    const doing = setUp({ task: () => pass('p') })
    await expect(doing.session.answer('task', 'x')).rejects.toMatchObject({
      code: 'not-a-question',
    })
    const asking = setUp({ task: () => pass('p') }, 'question')
    await expect(asking.session.answer('task', 'x')).rejects.toMatchObject({
      code: 'lab-not-ready',
    })
  })
})
