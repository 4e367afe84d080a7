/** Engine `namespaces`: every node a rootless sandbox. Runs inside the lab that `enter.sh` opened. */
import { copyFile, mkdir, readdir, rm, symlink } from 'node:fs/promises'
import type { NodeSummary } from '../../wire/lab.ts'
import { layout, podCidr } from '../../cluster/layout.ts'
import type { Cluster, Engine } from '../types.ts'
import { run } from './command.ts'
import { applyCuts, createBridge, type Cut } from './network.ts'
import { NamespaceNode } from './node.ts'
import { paths } from './paths.ts'
import { allPids, pss } from './proc.ts'
import { scanProcesses } from './scan.ts'
import { support } from './support.ts'

export const namespacesEngine: Engine = {
  name: 'namespaces',
  support,
  async start(topology, io, signal) {
    await Promise.all([createBridge(), installPrograms()])
    const cuts: Cut[] = []
    const summaries = layout(topology)
    const nodes = new Map(
      summaries.map((summary) => [
        summary.name,
        new NamespaceNode(summary, {
          topology,
          io,
          routes: (of) => podRoutes(of, summaries),
          async cut(node, from, direction) {
            const others =
              from.length > 0
                ? from
                : summaries.map(({ name }) => name).filter((name) => name !== node)
            for (const other of others) {
              cuts.push({ from: node, to: other })
              if (direction === 'both') cuts.push({ from: other, to: node })
            }
            await applyCuts(cuts)
          },
          async mend(node, from) {
            const keep = cuts.filter(
              (cut) =>
                (cut.from !== node && cut.to !== node) ||
                (from !== 'all' && !from.includes(cut.from) && !from.includes(cut.to)),
            )
            cuts.splice(0, cuts.length, ...keep)
            await applyCuts(cuts)
          },
        }),
      ]),
    )
    const scan = scanProcesses(nodes, io)
    signal.addEventListener('abort', () => scan.stop(), { once: true })
    await using undo = new AsyncDisposableStack()
    const made = undo.use(cluster(nodes, scan))
    await Promise.all([...nodes.values()].map((node) => prepareFolders(node)))
    await Promise.all([...nodes.values()].map((node) => node.powerOn()))
    io.stage('network')
    undo.move()
    return made
  },
}

function cluster(nodes: Map<string, NamespaceNode>, scan: { stop(): void }): Cluster {
  const eachOn = (act: (node: NamespaceNode) => Promise<void>) =>
    Promise.all([...nodes.values()].filter((node) => node.power !== 'off').map(act))
  const thawed: NamespaceNode[] = []
  return {
    nodes,
    async memoryBytes() {
      const sizes = await Promise.all(allPids().map(pss))
      return sizes.reduce((sum, size) => sum + size, 0)
    },
    async pause() {
      await eachOn(async (node) => {
        // A node that the learner froze stays frozen after the pause.
        if (node.power === 'frozen') return
        thawed.push(node)
        await node.freeze()
      })
    },
    async resume() {
      await Promise.all(thawed.splice(0).map((node) => node.thaw()))
    },
    async [Symbol.asyncDispose]() {
      scan.stop()
      await Promise.all([...nodes.values()].map((node) => node.powerOff()))
      await run('ip', ['link', 'del', 'br0']).catch(() => undefined)
      await run('nft', ['delete', 'table', 'bridge', 'halab']).catch(() => undefined)
      await rm(paths.nodes, { recursive: true, force: true })
    },
  }
}

/** Pods are reached through their node. */
function podRoutes(of: NodeSummary, all: readonly NodeSummary[]): string[] {
  return all
    .filter(({ name, role }) => name !== of.name && (role === 'control-plane' || role === 'worker'))
    .map(({ address }) => `${podCidr(address)} via ${address}`)
}

async function prepareFolders(node: NamespaceNode): Promise<void> {
  const folders = ['etc', 'var/lib', 'var/log', 'var/tmp', 'var/cache', 'root', 'home/learner']
  await Promise.all(folders.map((folder) => mkdir(node.path(`/${folder}`), { recursive: true })))
  await symlink('/run', node.path('/var/run')).catch(() => undefined)
}

/** /opt/halab/bin on nodes: the cluster's binaries, and the small programs of ours. */
async function installPrograms(): Promise<void> {
  await mkdir(paths.programs, { recursive: true })
  await mkdir(paths.learnerSockets, { recursive: true })
  await mkdir(paths.sockets, { recursive: true })
  const binaries = await readdir(paths.binaries)
  await Promise.all(
    binaries.map((name) =>
      symlink(`/opt/halab/kubernetes/${name}`, `${paths.programs}/${name}`).catch(() => undefined),
    ),
  )
  for (const folder of ['src/agent/programs', 'src/kubelet/programs']) {
    const sources = await readdir(`${paths.app}/${folder}`).catch(() => [] as string[])
    for (const name of sources)
      await copyFile(`${paths.app}/${folder}/${name}`, `${paths.programs}/${name}`)
  }
}
