import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentClient } from '../wire/agent-client.ts'
import type { Evidence } from '../wire/evidence.ts'
import type { RunSummary } from '../wire/lab.ts'
import { eventually, halabForTests, type Halab } from './testing/halab.ts'

const LAB = 'under-test'
let halab: Halab

beforeAll(async () => {
  halab = await halabForTests()
  const { code, stdout, stderr } = await halab.run(['up', 'tour', '--name', LAB, '--json'])
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ name: LAB, lab: 'tour', state: 'ready' })
}, 300_000)

afterAll(async () => {
  await halab[Symbol.asyncDispose]()
})

const kubectl = (...args: string[]) => halab.on(LAB, 'workstation', 'kubectl', ...args)
const last = async (kind: Evidence['kind']) =>
  (await halab.evidence(LAB)).filter((line) => line.kind === kind)

async function holderOf(lease: string): Promise<string> {
  return kubectl(
    '-n',
    'kube-system',
    'get',
    'lease',
    lease,
    '-o',
    'jsonpath={.spec.holderIdentity}',
  )
}

/** Failed writes through the balancer after `ms`, in milliseconds from the first to the last. */
async function writesFailedFor(sinceMs: number): Promise<number> {
  const failed = (await halab.evidence(LAB, 'api')).filter(
    (line) => line.kind === 'api' && line.target === 'lb' && !line.ok && line.ms >= sinceMs,
  )
  const [first] = failed
  const end = failed.at(-1)
  return first && end ? end.ms - first.ms : 0
}

test('three members, five Nodes, and mirror Pods of what really runs', async () => {
  const members = await halab.on(LAB, 'cp-1', 'etcdctl', 'member', 'list')
  expect(members.match(/started/g)).toHaveLength(3)
  const nodes = await kubectl('get', 'nodes', '--no-headers')
  expect(nodes.match(/ Ready /g)).toHaveLength(5)
  expect(nodes.match(/control-plane/g)).toHaveLength(3)
  await eventually('all mirror Pods ready', async () => {
    const pods = await kubectl('-n', 'kube-system', 'get', 'pods', '--no-headers')
    return pods.match(/1\/1 +Running/g)?.length === 12 || undefined
  })
  expect(await kubectl('-n', 'kube-system', 'logs', 'etcd-cp-2', '--tail=5')).toContain('"level"')
})

test('the learner is uid 1000 without capabilities, cannot reach the host, and root only on nodes', async () => {
  expect(await halab.on(LAB, 'workstation', 'id', '-u')).toBe('1000\n')
  const status = await halab.on(LAB, 'workstation', 'cat', '/proc/self/status')
  expect(status).toMatch(/CapEff:\s+0+$/m)
  expect(status).toMatch(/NoNewPrivs:\s+1/)
  expect(await halab.on(LAB, 'cp-1', 'id', '-u')).toBe('0\n')
  for (const node of ['workstation', 'cp-1']) {
    const write = await halab.run(['exec', LAB, node, '--', 'touch', '/usr/intruder'])
    expect(write.code).not.toBe(0)
    const remount = await halab.run(['exec', LAB, node, '--', 'mount', '-o', 'remount,rw', '/usr'])
    expect(remount.code).not.toBe(0)
    const processes = await halab.on(
      LAB,
      node,
      'sh',
      '-c',
      'cat /proc/[0-9]*/cmdline | tr "\\0" " "',
    )
    expect(processes).not.toContain('halab-agent')
    expect(
      await halab.on(LAB, node, 'sh', '-c', 'ls /mnt /root /home 2>/dev/null; true'),
    ).not.toContain('agent')
  }
})

test('exec passes bytes, exit status and time limit through unaltered', async () => {
  const echoed = await halab.run(
    ['exec', LAB, 'cp-1', '--', 'sh', '-c', 'cat; echo err >&2; exit 7'],
    'täst\n',
  )
  expect(echoed).toEqual({ code: 7, stdout: 'täst\n', stderr: 'err\n' })
  expect((await halab.run(['exec', LAB, 'cp-1', '--timeout', '1', '--', 'sleep', '60'])).code).toBe(
    124,
  )
  const unknown = await halab.run(['exec', LAB, 'cp-9', '--', 'true'])
  expect(unknown.code).toBe(3)
  expect(unknown.stderr).toContain('unknown-node')
})

test('ssh crosses the lab network: exit status passes, an unplugged node cannot be reached, its console can', async () => {
  const ssh = await halab.run(['exec', LAB, 'workstation', '--', 'ssh', 'w-1', 'hostname; exit 5'])
  expect(ssh).toMatchObject({ code: 5, stdout: 'w-1\n' })
  await halab.run(['fault', LAB, 'unplug', 'w-1'])
  const cut = await halab.run([
    'exec',
    LAB,
    'workstation',
    '--timeout',
    '20',
    '--',
    'ssh',
    'w-1',
    'hostname',
  ])
  expect(cut.code).toBe(255)
  expect(await halab.on(LAB, 'w-1', 'hostname')).toBe('w-1\n')
  await halab.run(['fault', LAB, 'plug', 'w-1'])
  await eventually('w-1 reachable again', async () => {
    const { code } = await halab.run(['exec', LAB, 'workstation', '--', 'ssh', 'w-1', 'true'])
    return code === 0 || undefined
  })
})

test('a manifest moved away stops its component, the balancer follows, writes go on', async () => {
  const began = (await halab.evidence(LAB)).at(-1)?.ms ?? 0
  const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml'
  await halab.on(LAB, 'cp-1', 'mv', manifest, '/root/')
  const rotation = (up: boolean) =>
    eventually(`cp-1 ${up ? 'in' : 'out of'} rotation`, async () => {
      const lines = await last('balancer')
      const seen = lines.findLast((line) => line.kind === 'balancer' && line.server === 'cp-1')
      return (seen?.kind === 'balancer' && seen.up === up) || undefined
    })
  await rotation(false)
  await eventually('the API server of cp-1 gone', async () => {
    const exits = await last('process')
    const exit = exits.findLast(
      (line) =>
        line.kind === 'process' && line.node === 'cp-1' && line.component === 'kube-apiserver',
    )
    return exit?.kind === 'process' && exit.event === 'exit' ? exit : undefined
  })
  await kubectl('create', 'configmap', 'while-one-is-gone')
  await halab.on(LAB, 'cp-1', 'mv', '/root/kube-apiserver.yaml', manifest)
  await rotation(true)
  expect(await writesFailedFor(began)).toBeLessThan(5000)
})

test('killing the acting scheduler: the exit is on record, another identity takes the lease over', async () => {
  const before = await holderOf('kube-scheduler')
  const node = before.slice(0, before.lastIndexOf('_'))
  const { code, stderr } = await halab.run(['fault', LAB, 'kill', `${node}/kube-scheduler`])
  expect(code, stderr).toBe(0)
  await eventually('another holder', async () => {
    const now = await holderOf('kube-scheduler')
    return (now !== '' && now !== before) || undefined
  })
  const exit = (await last('process')).findLast(
    (line) =>
      line.kind === 'process' && line.component === 'kube-scheduler' && line.event === 'exit',
  )
  expect(exit).toMatchObject({ node, signal: 'SIGKILL', by: 'learner' })
})

test('a node without power falls silent and comes back with its files', async () => {
  await halab.on(LAB, 'cp-3', 'sh', '-c', 'echo kept >/root/kept; echo gone >/run/gone')
  expect((await halab.run(['fault', LAB, 'power-off', 'cp-3'])).code).toBe(0)
  const off = await halab.run(['exec', LAB, 'cp-3', '--', 'true'])
  expect(off.stderr).toContain('node-off')
  expect((await halab.run(['fault', LAB, 'power-off', 'cp-3'])).stderr).toContain('no-change')
  // The first try may fail: it went to the dead server, or the member that led is gone.
  await eventually('a write without the node', async () => {
    const write = ['kubectl', 'create', 'configmap', 'while-a-node-is-off']
    const { code, stderr } = await halab.run(['exec', LAB, 'workstation', '--', ...write])
    return code === 0 || stderr.includes('already exists') || undefined
  })
  expect((await halab.run(['fault', LAB, 'power-on', 'cp-3'])).code).toBe(0)
  expect(await halab.on(LAB, 'cp-3', 'sh', '-c', 'cat /root/kept; ls /run')).not.toContain('gone')
  await eventually('its member back', async () => {
    const { code } = await halab.run(['exec', LAB, 'cp-3', '--', 'etcdctl', 'endpoint', 'health'])
    return code === 0 || undefined
  })
})

test('a frozen node answers nothing and goes on where it was', async () => {
  const pid = await halab.on(LAB, 'w-2', 'sh', '-c', 'sleep 600 >/dev/null 2>&1 & echo $!')
  expect((await halab.run(['fault', LAB, 'freeze', 'w-2'])).code).toBe(0)
  const ssh = await halab.run([
    'exec',
    LAB,
    'workstation',
    '--timeout',
    '3',
    '--',
    'ssh',
    'w-2',
    'true',
  ])
  expect(ssh.code).not.toBe(0)
  expect((await halab.run(['fault', LAB, 'thaw', 'w-2'])).code).toBe(0)
  expect(await halab.on(LAB, 'w-2', 'kill', '-0', pid.trim())).toBe('')
})

test('Pods of the course’s web server are processes with an address of their own, others are simulated and say so', async () => {
  await kubectl('create', 'deployment', 'web', '--image=halab.dev/web:1', '--replicas=2')
  await kubectl('create', 'deployment', 'other', '--image=nginx:1')
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s')
  await kubectl('rollout', 'status', 'deployment/other', '--timeout=60s')
  const pods = await kubectl(
    'get',
    'pods',
    '-l',
    'app=web',
    '-o',
    'jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{"\\n"}{end}',
  )
  for (const line of pods.trim().split('\n')) {
    const [name = '', address = ''] = line.split(' ')
    expect(await halab.on(LAB, 'cp-1', 'curl', '-sm', '5', `http://${address}:8080/`)).toContain(
      name,
    )
  }
  expect(
    await kubectl('get', 'pods', '-l', 'app=other', '-o', 'jsonpath={.items[0].status.reason}'),
  ).toBe('Simulated')
  await kubectl('delete', 'deployment', 'web', 'other', '--wait=true')
  await eventually('their processes gone', async () => {
    const lines = (await last('process')).filter(
      (line) => line.kind === 'process' && line.component.startsWith('pod/default/web'),
    )
    const running = new Map<string, boolean>()
    for (const line of lines)
      if (line.kind === 'process') running.set(`${line.node} ${line.pid}`, line.event === 'start')
    return ![...running.values()].includes(true) || undefined
  })
})

test('a pause is a gap on record, not downtime', async () => {
  // Its Pods and terminals are still there when the lab is reset below: what was stopped must not hold that up.
  await kubectl('create', 'deployment', 'paused', '--image=halab.dev/web:1', '--replicas=2')
  await kubectl('rollout', 'status', 'deployment/paused', '--timeout=60s')
  const agent = agentClient(`${halab.runtime}/${LAB}/agent.sock`)
  for (const node of ['workstation', 'cp-1']) await agent.post('/v1/terminals', { node })
  expect((await halab.run(['pause', LAB])).code).toBe(0)
  expect((await halab.run(['fault', LAB, 'kill', 'cp-1/etcd'])).stderr).toContain('paused')
  expect((await halab.run(['resume', LAB])).code).toBe(0)
  const gaps = (await last('gap')).filter((line) => line.kind === 'gap' && line.source === 'pause')
  expect(gaps.at(-1)).toMatchObject({ to: expect.any(Number) as number })
  await eventually('the API answering again', async () => {
    const { code } = await halab.run([
      'exec',
      LAB,
      'workstation',
      '--timeout',
      '5',
      '--',
      'kubectl',
      'get',
      '--raw',
      '/readyz',
    ])
    return code === 0 || undefined
  })
})

test('reset begins a new epoch and forgets what the learner did', async () => {
  expect((await halab.run(['reset', LAB])).code).toBe(0)
  await eventually('ready again', async () => {
    const { stdout } = await halab.run(['ls', '--json'])
    const run = (JSON.parse(stdout) as RunSummary[]).find(({ name }) => name === LAB)
    return run?.state === 'ready' || undefined
  })
  expect(await kubectl('get', 'configmaps', '-o', 'name')).not.toContain('while-')
  expect((await halab.evidence(LAB)).at(-1)?.epoch).toBe(2)
})

test('a second lab of the same name, an unknown lab and a bad name are refused with a hint', async () => {
  for (const [args, code] of [
    [['up', 'tour', '--name', LAB], 'name-taken'],
    [['up', 'no-such-lab'], 'unknown-lab'],
    [['up', 'tour', '--name', 'Not A Name'], 'bad-name'],
  ] as const) {
    const ran = await halab.run(args)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain(code)
  }
})

test('a killed agent takes its lab along: no process, no folder; the archive stays', async () => {
  const agents = await processesMentioning(`HALAB_L_RUN=${halab.runtime}/${LAB}`)
  expect(agents.length).toBeGreaterThan(0)
  const before = await labProcesses()
  expect(before.length).toBeGreaterThan(10)
  const agent = await agentPid()
  process.kill(agent, 'SIGKILL')
  await eventually(
    'everything gone',
    async () => ((await labProcesses()).length === 0 ? true : undefined),
    20_000,
  )
  expect((await halab.run(['ls', '--json'])).stdout.trim()).toBe('[]')
  expect(await readdir(halab.runtime)).toEqual([])
  expect(await readdir(`${halab.state}/runs/${LAB}`)).toContain('evidence.jsonl')
})

/** Pids on this machine whose environment names something. */
async function processesMentioning(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(text) ? pid : undefined
    }),
  )
  return found.filter((pid) => pid !== undefined)
}

/** Everything that runs in the network namespaces below the lab's: told by the owner of its folder. */
async function labProcesses(): Promise<number[]> {
  const owners = await processesMentioning(`HALAB_L_RUN=${halab.runtime}/${LAB}`)
  const parents = new Map<number, number>()
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return owners.includes(pid) || (parent !== undefined && parent > 1 && isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}

async function agentPid(): Promise<number> {
  for (const pid of await labProcesses()) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.startsWith('halab-agent')) return pid
  }
  throw new Error('no agent is running')
}
