/**
 * How fast a lab starts and what it costs, beside kwokctl's single-member cluster in the same run, in
 * turn, so that a machine that slows down slows both. Prints a table, writes bench/results.json.
 *
 *   npm run bench [-- --runs 5]
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDir, checkoutDir } from '../src/paths.ts'
import { binDir, resolveToolchain } from '../src/toolchain/index.ts'
import type { RunSummary } from '../src/wire/lab.ts'
import { cpuSeconds, pssBytes, processTree } from './process-tree.ts'

const exec = promisify(execFile)
const LAB = 'failover-timing'
const IDLE_SECONDS = 30

const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 5
const folder = await mkdtemp(join(tmpdir(), 'hb-'))
const env = {
  ...process.env,
  HALAB_RUNTIME: join(folder, 'run'),
  HALAB_STATE: join(folder, 'state'),
  KWOK_WORKDIR: join(folder, 'kwok'),
  // kwokctl adds its cluster to the user's kubeconfig.
  KUBECONFIG: join(folder, 'kubeconfig'),
  // It would download kubectl where none is on the PATH.
  PATH: `${binDir()}:${process.env['PATH'] ?? ''}`,
}

interface Sample {
  readonly kwokctl: number
  readonly usable: number
  readonly ready: number
}

try {
  await resolveToolchain({})
  const kwok = await buildPeer()
  await halab('up', LAB, '--name', 'warm-up')
  await halab('down', 'warm-up')
  const samples: Sample[] = []
  for (let i = 0; i < runs; i += 1) {
    const peer = await timePeer(kwok)
    samples.push({ kwokctl: peer, ...(await timeLab(`bench-${i}`)) })
    await halab('down', `bench-${i}`)
    console.error(`run ${i + 1} of ${runs}:`, JSON.stringify(samples.at(-1)))
  }
  const cost = await measureCost()
  await report(samples, cost)
} finally {
  await halab('down', '--all').catch(() => undefined)
  await rm(folder, { recursive: true, force: true })
}

function halab(...args: string[]): Promise<{ stdout: string }> {
  return exec(join(checkoutDir, 'halab'), args, { env, maxBuffer: 16 << 20 })
}

/** As the peer is timed: from the start of the command. It returns at ready; usable was that much earlier. */
async function timeLab(name: string): Promise<Omit<Sample, 'kwokctl'>> {
  const began = performance.now()
  const { stdout } = await halab('up', LAB, '--name', name, '--wait', 'ready', '--json')
  const ready = Math.round(performance.now() - began)
  const { ms } = JSON.parse(stdout) as RunSummary
  return { usable: ready - ((ms.ready ?? NaN) - (ms.usable ?? NaN)), ready }
}

/** Built once from the pinned module, into the cache. */
async function buildPeer(): Promise<string> {
  const out = join(cacheDir(), 'bench')
  await mkdir(out, { recursive: true })
  if (!existsSync(join(out, 'kwokctl')) || !existsSync(join(out, 'kwok'))) {
    console.error('building kwokctl (once)')
    await exec(
      'go',
      [
        'build',
        '-mod=readonly',
        '-o',
        `${out}/`,
        'sigs.k8s.io/kwok/cmd/kwok',
        'sigs.k8s.io/kwok/cmd/kwokctl',
      ],
      {
        cwd: join(checkoutDir, 'bench/kwok'),
        env: { ...process.env, CGO_ENABLED: '0' },
        maxBuffer: 64 << 20,
      },
    )
  }
  return out
}

/** Milliseconds from create to ready of its one etcd, API server, controller manager and scheduler. */
async function timePeer(kwok: string): Promise<number> {
  const bin = binDir()
  const began = performance.now()
  await exec(
    join(kwok, 'kwokctl'),
    [
      ...['create', 'cluster', '--name', 'bench', '--runtime', 'binary', '--wait', '120s'],
      ...['--kwok-controller-binary', join(kwok, 'kwok')],
      ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].flatMap((name) => [
        `--${name}-binary`,
        join(bin, name),
      ]),
    ],
    { env, maxBuffer: 16 << 20 },
  )
  const took = performance.now() - began
  await exec(join(kwok, 'kwokctl'), ['delete', 'cluster', '--name', 'bench'], { env })
  return Math.round(took)
}

interface Cost {
  readonly memoryBytes: number
  /** Share of one core, 0…1. */
  readonly idleCpu: number
}

async function measureCost(): Promise<Cost> {
  const name = 'cost'
  await halab('up', LAB, '--name', name)
  await sleep(15_000)
  const tree = () => processTree(`HALAB_L_RUN=${env.HALAB_RUNTIME}/${name}`)
  const before = await cpuSeconds(await tree())
  await sleep(IDLE_SECONDS * 1000)
  const after = await cpuSeconds(await tree())
  const memoryBytes = await pssBytes(await tree())
  await halab('down', name)
  return { memoryBytes, idleCpu: (after - before) / IDLE_SECONDS }
}

async function report(samples: readonly Sample[], cost: Cost): Promise<void> {
  const kwokctl = median(samples.map((sample) => sample.kwokctl))
  const usable = median(samples.map((sample) => sample.usable))
  const ready = median(samples.map((sample) => sample.ready))
  const ratio = (pick: (sample: Sample) => number) =>
    median(samples.map((sample) => pick(sample) / sample.kwokctl))
  const results = {
    machine: { cpus: cpus().length, model: cpus()[0]?.model },
    runs: samples,
    medianMs: { kwokctl, usable, ready },
    ratio: { usable: ratio(({ usable: ms }) => ms), ready: ratio(({ ready: ms }) => ms) },
    cost,
  }
  await writeFile(join(checkoutDir, 'bench/results.json'), JSON.stringify(results, null, 2) + '\n')
  const row = (...cells: string[]) => console.log(`| ${cells.join(' | ')} |`)
  row('what', 'median', 'of kwokctl', 'budget')
  row('---', '---', '---', '---')
  row('kwokctl, one member: create to ready', seconds(kwokctl), '1.00', '')
  row('halab, three members: usable', seconds(usable), results.ratio.usable.toFixed(2), '≤ 1.15')
  row('halab, three members: ready', seconds(ready), results.ratio.ready.toFixed(2), '≤ 1.60')
  row(
    'memory, everything included (PSS)',
    `${Math.round(cost.memoryBytes / 2 ** 20)} MiB`,
    '',
    '≤ 1300 MB',
  )
  row('idle CPU, recorder included', `${Math.round(cost.idleCpu * 100)} % of a core`, '', '≤ 30 %')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}
