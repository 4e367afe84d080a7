import { expect, test } from 'vitest'
import type { Results, TaskResult } from '../wire/results.ts'
import { halab, labCommand, RUN, scriptedAgent } from './testing/scripted-agent.ts'

function task(id: string, status: TaskResult['status'], code: string): TaskResult {
  return {
    id,
    status,
    code,
    message: `${id} says ${code}.`,
    points: status === 'pass' ? 1 : 0,
    max: 1,
    attempts: 1,
    hints: 0,
    at: '2026-11-21T08:01:00.000Z',
    evidence: [3],
  }
}

function results(...tasks: TaskResult[]): Results {
  const score = tasks.reduce((sum, { points }) => sum + points, 0)
  const { lab, name, engine, seed, startedAt } = RUN
  return { version: 1, lab, name, engine, seed, startedAt, score, max: tasks.length, tasks }
}

test('ls prints the rows of the contract', async () => {
  await using _agent = await scriptedAgent({})
  const { status, stdout } = await halab(['ls', '--json'])
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual([
    {
      name: 'bar',
      lab: 'failover-timing',
      engine: 'namespaces',
      state: 'ready',
      startedAt: RUN.startedAt,
      memoryBytes: 1 << 30,
    },
  ])
  const table = await halab(['ls'])
  expect(table.stdout).toMatch(
    /^NAME +LAB +ENGINE +STATE +AGE +MEMORY\nbar +failover-timing .* 1024 MiB\n$/,
  )
})

test.each([
  ['pass only', [task('a', 'pass', 'ok')], 0],
  ['a fail', [task('a', 'pass', 'ok'), task('b', 'fail', 'leader-not-killed')], 1],
  ['an error beside a fail', [task('a', 'fail', 'no'), task('b', 'error', 'grader-threw')], 3],
])('check with %s', async (_, tasks, expected) => {
  const answer = results(...tasks)
  await using agent = await scriptedAgent({ 'POST /v1/check': { body: answer } })
  const { status, stdout } = await halab(['check', 'bar', '--json'])
  expect(status).toBe(expected)
  expect(JSON.parse(stdout)).toEqual(answer)
  expect(agent.asked.at(-1)).toMatchObject({ body: {}, client: 'cli' })
})

test('check of one task asks for it, and its verdict alone decides', async () => {
  const answer = results(task('a', 'fail', 'no'), task('b', 'pass', 'ok'))
  await using agent = await scriptedAgent({ 'POST /v1/check': { body: answer } })
  const { status, stdout } = await halab(['check', 'bar', 'b'])
  expect(status).toBe(0)
  expect(stdout).toBe('✓  b  1/1  ok\n   b says ok.\n1 of 2 points\n')
  expect(agent.asked.at(-1)?.body).toEqual({ tasks: ['b'] })
})

test('check names the reason and offers a hint', async () => {
  const answer = results(task('kill', 'fail', 'leader-not-killed'))
  await using _agent = await scriptedAgent({ 'POST /v1/check': { body: answer } })
  expect((await halab(['check', 'bar'])).stdout).toBe(
    '✗  kill  0/1  leader-not-killed\n   kill says leader-not-killed.\n0 of 1 points\nStuck? halab hint bar kill\n',
  )
})

test('a watch counts one attempt, shows changes only and ends when all pass', async () => {
  const later = [results(task('a', 'fail', 'no')), results(task('a', 'pass', 'ok'))]
  await using agent = await scriptedAgent({
    'POST /v1/check': { body: results(task('a', 'fail', 'no')) },
    'GET /v1/results': (response) => response.end(JSON.stringify(later.shift())),
  })
  const { status, stdout } = await halab(['check', 'bar', '--watch', '--json'])
  expect(status).toBe(0)
  const codes = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as Results).tasks[0]?.code)
  expect(codes).toEqual(['no', 'ok'])
  expect(agent.asked.filter(({ call }) => call === 'POST /v1/check')).toHaveLength(1)
})

test('an error is a line and a hint on stderr, and JSON on stdout when asked for', async () => {
  const error = { code: 'unknown-task', message: 'no task x', hint: 'The tasks are a, b.' }
  await using _agent = await scriptedAgent({
    'POST /v1/tasks/x/hint': { status: 404, body: { error } },
  })
  const { status, stdout, stderr } = await halab(['hint', 'bar', 'x', '--json'])
  expect(status).toBe(2)
  expect(stderr).toBe('halab: unknown-task no task x\n  The tasks are a, b.\n')
  expect(JSON.parse(stdout)).toEqual({ error })
})

test('an unknown lab is named with those that run', async () => {
  await using _agent = await scriptedAgent({})
  const { status, stderr } = await halab(['check', 'nope'])
  expect(status).toBe(2)
  expect(stderr).toBe('halab: unknown-run no lab named nope is running\n  running: bar\n')
})

test.each([
  ['an unknown command', ['bogus']],
  ['a missing argument', ['hint', 'bar']],
  ['an unknown option', ['ls', '--frobnicate']],
  ['a fault that does not exist', ['fault', 'bar', 'explode', 'cp-1']],
  ['an option of another fault', ['fault', 'bar', 'kill', 'cp-1', '--one-way']],
  ['--from of another fault', ['fault', 'bar', 'freeze', 'cp-1', '--from', 'cp-2']],
  ['a seed that is no number', ['up', 'tour', '--seed', '-1']],
  ['a state nobody waits for', ['up', 'tour', '--wait', 'forever']],
  ['an unknown kind', ['evidence', 'bar', '--kind', 'gossip']],
  ['down without a name', ['down']],
  ['down of one and all', ['down', 'bar', '--all']],
  ['a timeout of no seconds', ['exec', 'bar', 'cp-1', '--timeout', '0', '--', 'true']],
])('%s is refused with status 2', async (_, argv) => {
  const { status, stdout, stderr } = await halab([...argv, '--json'])
  // What follows `--` belongs to the program on the node, and so does the `--json` here.
  const json = !argv.includes('--')
  expect(status).toBe(2)
  expect(stderr).toMatch(/^halab: usage .+\n {2}.+\n$/)
  if (json) expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage' } })
})

test('a fault is sent as it was typed', async () => {
  const receipt = { fault: 'unplug', target: 'cp-1', at: '2026-11-21T08:01:00.000Z', evidence: 12 }
  await using agent = await scriptedAgent({ 'POST /v1/faults': { body: receipt } })
  const argv = ['fault', 'bar', 'unplug', 'cp-1', '--from', 'cp-2,cp-3', '--one-way', '--json']
  const { status, stdout } = await halab(argv)
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toEqual(receipt)
  expect(agent.asked.at(-1)?.body).toEqual({
    fault: 'unplug',
    target: 'cp-1',
    by: 'learner',
    from: ['cp-2', 'cp-3'],
    oneWay: true,
  })
})

test.each([
  ['pass', 0],
  ['fail', 1],
  ['error', 3],
] as const)('an answer that is a %s exits %i', async (verdict, expected) => {
  const body = task('q', verdict, verdict === 'pass' ? 'ok' : 'wrong')
  await using agent = await scriptedAgent({ 'POST /v1/tasks/q/answer': { body } })
  const { status } = await halab(['answer', 'bar', 'q', '15'])
  expect(status).toBe(expected)
  expect(agent.asked.at(-1)?.body).toEqual({ value: '15' })
})

test('evidence comes line by line, as it was written or for a reader', async () => {
  const line = {
    n: 12,
    at: '2026-11-21T08:01:00.000Z',
    ms: 41230,
    epoch: 1,
    kind: 'process',
    node: 'cp-1',
    component: 'kube-scheduler',
    pid: 41,
    event: 'exit',
    signal: 'SIGKILL',
    by: 'learner',
  }
  await using _agent = await scriptedAgent({
    'GET /v1/evidence?kind=process': (response) => {
      response.end(`${JSON.stringify(line)}\n${JSON.stringify({ ...line, n: 13 })}\n`)
    },
  })
  const argv = ['evidence', 'bar', '--kind', 'process']
  const json = await halab([...argv, '--json'])
  expect(
    json.stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown),
  ).toEqual([line, { ...line, n: 13 }])
  const { stdout } = await halab(argv)
  expect(stdout.split('\n')[0]).toBe(
    '   12    41.230s process   node=cp-1 component=kube-scheduler pid=41 event=exit signal=SIGKILL by=learner',
  )
})

test('a shell without a terminal is refused and names what to use', async () => {
  await using _agent = await scriptedAgent({})
  const { status, stderr } = await halab(['shell', 'bar'])
  expect(status).toBe(2)
  expect(stderr).toContain('halab: not-a-terminal')
  expect(stderr).toContain('halab exec')
})

test('help is for standard output, and lists every command', async () => {
  const { status, stdout } = await halab(['--help'])
  expect(status).toBe(0)
  for (const word of ['labs', 'up', 'ls', 'exec', 'shell', 'fault', 'check', 'evidence', 'down']) {
    expect(stdout).toContain(`\n  ${word} `)
  }
  for (const word of ['up', 'exec', 'down']) {
    const help = await halab([word, '--help'])
    expect(help.status).toBe(0)
    expect(help.stdout).toContain('--json')
    expect(help.stdout).toContain('Exit status:')
  }
})

test('lab speaks to its own lab, without a name', async () => {
  await using agent = await scriptedAgent({
    'POST /v1/check': { body: results(task('a', 'fail', 'no')) },
    'POST /v1/faults': {
      body: { fault: 'power-off', target: 'cp-1', at: '2026-11-21T08:01:00.000Z', evidence: 12 },
    },
    'POST /v1/reset': { body: { name: 'bar', state: 'resetting' } },
  })
  expect((await labCommand(agent, 'check')).stdout).toContain('Stuck? lab hint a\n')
  expect(agent.asked.at(-1)?.client).toBe('lab')
  expect((await labCommand(agent, 'power-off', 'cp-1')).stdout).toMatch(/^power-off cp-1 at /)
  expect((await labCommand(agent, 'nodes')).stdout).toBe('cp-1  control-plane  172.30.0.11\n')
  expect((await labCommand(agent, 'reset', '--json')).stdout).toBe(
    '{"name":"bar","state":"resetting"}\n',
  )
})

test.each([
  ['nothing', [], 2],
  ['help', ['help'], 0],
  ['an unknown verb', ['explode'], 2],
  ['a missing task', ['hint'], 2],
  ['an unknown option', ['check', '--loud'], 2],
])('lab with %s', async (_, argv, expected) => {
  await using agent = await scriptedAgent({})
  expect((await labCommand(agent, ...argv)).status).toBe(expected)
})
