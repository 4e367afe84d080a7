import { expect, test } from 'vitest'
import type { NodeSummary } from '../../wire/lab.ts'
import { bwrapArgs } from './bwrap.ts'

const sandbox = (node: NodeSummary) =>
  bwrapArgs({ node, links: ['bin'], folders: [], hostEtc: ['/etc/alternatives'], statusFd: 3 })
const workstation: NodeSummary = { name: 'workstation', role: 'workstation', address: '172.30.0.2' }
const controlPlane: NodeSummary = { name: 'cp-1', role: 'control-plane', address: '172.30.0.11' }

/** Paths outside that a node sees, with how. */
function binds(args: readonly string[]): [string, string][] {
  return args.flatMap((arg, i) =>
    arg === '--bind' || arg === '--ro-bind' ? [[arg, args[i + 1] ?? ''] as [string, string]] : [],
  )
}

test('every namespace is the node’s own, and it ends with the agent', () => {
  for (const flag of ['user', 'net', 'pid', 'uts', 'ipc']) {
    expect(sandbox(controlPlane)).toContain(`--unshare-${flag}`)
  }
  expect(sandbox(controlPlane)).toContain('--die-with-parent')
})

test('the learner has no capability and no root; root of a node has all over that node alone', () => {
  const learner = sandbox(workstation).join(' ')
  expect(learner).toContain('--uid 1000 --gid 1000')
  expect(learner).toContain('--cap-drop ALL')
  expect(learner).not.toContain('--cap-add')
  expect(sandbox(controlPlane).join(' ')).toContain('--uid 0 --gid 0')
})

test('nothing of the host is writable, and nothing below its home or root folders is there', () => {
  for (const node of [workstation, controlPlane]) {
    for (const [how, path] of binds(sandbox(node))) {
      if (how === '--bind') expect(path).toMatch(/^\/mnt\/lab\//)
      else expect(path).toMatch(/^\/(usr|etc\/|mnt\/)/)
    }
    const seen = binds(sandbox(node)).map(([, path]) => path)
    for (const secret of ['/mnt/run', '/mnt/archive', '/mnt/app', '/mnt/lab', '/mnt/lab/sockets']) {
      expect(seen).not.toContain(secret)
    }
  }
})
