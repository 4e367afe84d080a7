/** A node's sandbox as bubblewrap arguments: pure, so that what a node may see can be read and tested. */
import type { NodeSummary } from '../../wire/lab.ts'
import { paths } from './paths.ts'

/** What of the host's /etc a node sees: nothing secret, and without it awk, vim or TLS would not work. */
const HOST_ETC = [
  '/etc/alternatives',
  '/etc/bash.bashrc',
  '/etc/bash_completion',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/nanorc',
  '/etc/protocols',
  '/etc/services',
  '/etc/ssl/certs',
  '/etc/terminfo',
  '/etc/vim',
]

/** Top-level folders that are links into /usr where the host has merged them. */
const USR_LINKS = ['bin', 'sbin', 'lib', 'lib64', 'lib32', 'libx32']

export interface SandboxOptions {
  readonly node: NodeSummary
  /** Which of the links above the host has, and which it has as folders of its own. */
  readonly links: readonly string[]
  readonly folders: readonly string[]
  /** Host paths of `HOST_ETC` that exist. */
  readonly hostEtc: readonly string[]
  readonly statusFd: number
}

export const sandboxCandidates = { usr: USR_LINKS, etc: HOST_ETC }

export function bwrapArgs(options: SandboxOptions): string[] {
  const { node } = options
  const own = paths.node(node.name)
  const learner = node.role === 'workstation'
  const id = learner ? '1000' : '0'
  return [
    ...['--unshare-user', '--uid', id, '--gid', id],
    ...['--unshare-net', '--unshare-pid', '--unshare-uts', '--unshare-ipc'],
    ...['--hostname', node.name, '--die-with-parent', '--clearenv'],
    // Root of a node has every capability, over that node alone; the learner's workstation has none.
    ...(learner ? ['--cap-drop', 'ALL'] : ['--cap-add', 'ALL']),
    ...['--ro-bind', '/usr', '/usr'],
    ...options.links.flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ...options.folders.flatMap((name) => ['--ro-bind', `/${name}`, `/${name}`]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...['--perms', '1777', '--size', String(256 << 20), '--tmpfs', '/tmp'],
    ...['--perms', '0755', '--size', String(64 << 20), '--tmpfs', '/run'],
    ...['--bind', `${own}/etc`, '/etc', '--bind', `${own}/var`, '/var'],
    ...['--bind', `${own}/root`, '/root', '--bind', `${own}/home`, '/home'],
    ...options.hostEtc.flatMap((path) => ['--ro-bind', path, path]),
    ...['--ro-bind', paths.binaries, '/opt/halab/kubernetes'],
    ...['--ro-bind', paths.programs, '/opt/halab/bin'],
    ...['--ro-bind', paths.sources, '/opt/halab/src'],
    ...['--ro-bind', paths.nodeProgram, '/opt/halab/node'],
    ...['--bind', paths.learnerSockets, '/run/halab'],
    ...['--remount-ro', '/', '--chdir', '/'],
    ...['--json-status-fd', String(options.statusFd)],
    // Says that the sandbox is whole, then keeps it: bwrap itself is pid 1 and reaps.
    ...['--', '/bin/sh', '-c', 'echo up; exec sleep infinity'],
  ]
}
