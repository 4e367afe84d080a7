import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Topology } from '../wire/lab.ts'
import { CHECK_SCRIPT, haproxyConfig, keepalivedConfig } from './balancer.ts'
import { ofRole } from './layout.ts'
import { THREE_AND_TWO } from './testing.ts'

const run = promisify(execFile)
const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halab-balancer-'))
})
afterEach(() => rm(folder, { recursive: true }))

test.each<Topology>([
  THREE_AND_TWO,
  { controlPlanes: 1, workers: 0, etcd: 'stacked', balancers: 1 },
  { controlPlanes: 5, workers: 0, etcd: 'external', balancers: 2 },
])('HAProxy accepts the configuration of %o', async (topology) => {
  const file = join(folder, 'haproxy.cfg')
  await writeFile(file, haproxyConfig(topology))
  await expect(run('haproxy', ['-c', '-f', file], { env: { PATH } })).resolves.toBeTruthy()
})

test('keepalived accepts the configuration of both balancers', async () => {
  const topology: Topology = { ...THREE_AND_TWO, balancers: 2 }
  for (const node of ofRole(topology, 'load-balancer')) {
    const file = join(folder, `${node.name}.conf`)
    // The check script lies on the node, not here: any program stands in for it.
    await writeFile(file, keepalivedConfig(node, topology).replace(CHECK_SCRIPT, '/bin/true'))
    await run('keepalived', ['--config-test', `--use-file=${file}`], { env: { PATH } })
  }
})
