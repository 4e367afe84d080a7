import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { agentClient } from '../wire/agent-client.ts'
import type { LabState } from '../wire/evidence.ts'
import { bootProgress } from './boot-progress.ts'
import { untilState } from './commands/up.ts'
import { halab, RUN, scriptedAgent, type Script } from './testing/scripted-agent.ts'

function line(n: number, state: LabState, stage?: string): string {
  const at = '2026-11-21T08:00:00.000Z'
  return `${JSON.stringify({ n, at, ms: n * 100, epoch: 1, kind: 'lab', state, ...(stage && { stage }) })}\n`
}

/** A boot that goes as far as these lines, then stays there. */
function boot(...lines: string[]): Script {
  return { 'GET /v1/evidence?follow=1&kind=lab': (response) => response.write(lines.join('')) }
}

async function wait(
  script: Script,
  state: 'usable' | 'ready',
  signal = new AbortController().signal,
) {
  await using agent = await scriptedAgent(script)
  const stderr = new PassThrough()
  const run = await untilState(agentClient(agent.socketPath), state, bootProgress(stderr), signal)
  return { run, told: String(stderr.read()) }
}

test('up tells each stage and ends with the state it waited for', async () => {
  const lines = [
    line(1, 'booting', 'network'),
    line(2, 'booting', 'quorum'),
    line(3, 'usable', 'usable'),
    line(4, 'ready'),
  ]
  const { run, told } = await wait(boot(...lines), 'ready')
  expect(run).toEqual(RUN)
  expect(told).toBe('   100 ms  network\n   200 ms  quorum\n   300 ms  usable\n   400 ms  ready\n')
})

test('up waits for usable only where that is asked for', async () => {
  const { told } = await wait(boot(line(1, 'booting', 'network'), line(2, 'usable')), 'usable')
  expect(told).toContain('usable')
})

test('a lab that fails tells why', async () => {
  const error = { code: 'no-memory', message: 'no memory is left', hint: 'End a lab.' }
  const script = { ...boot(line(1, 'failed')), 'GET /v1/run': { body: { ...RUN, error } } }
  await expect(wait(script, 'ready')).rejects.toMatchObject(error)
})

test('a lab that somebody ends meanwhile is not waited for', async () => {
  const script: Script = {
    'GET /v1/evidence?follow=1&kind=lab': (response) => response.end(line(1, 'booting')),
  }
  await expect(wait(script, 'ready')).rejects.toMatchObject({ code: 'lab-ended' })
})

test('an interruption ends the waiting', async () => {
  const stop = new AbortController()
  const waiting = wait(boot(line(1, 'booting', 'network')), 'ready', stop.signal)
  setImmediate(() => stop.abort(new Error('interrupted')))
  await expect(waiting).rejects.toThrow()
})

test('down ends the lab and comes back when it is gone', async () => {
  await using agent = await scriptedAgent({
    'POST /v1/end': (response) => {
      void rm(dirname(agent.socketPath), { recursive: true }).then(() =>
        response.end(JSON.stringify({ name: 'bar', state: 'ended' })),
      )
    },
  })
  expect(await halab(['down', 'bar', '--json'])).toEqual({
    status: 0,
    stdout: '{"name":"bar","state":"ended"}\n',
    stderr: '',
  })
  const again = await halab(['down', 'bar'])
  expect(again.status).toBe(2)
  expect(again.stderr).toContain('halab: unknown-run')
  expect((await halab(['down', '--all', '--json'])).stdout).toBe('[]\n')
})
