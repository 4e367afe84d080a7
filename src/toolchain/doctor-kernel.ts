/** What the kernel must let an ordinary user do. Tried for real: settings tell only why it failed. */
import { fine, wrong, type Finding } from './finding.ts'
import type { Machine } from './machine.ts'

/** As root, labs run under a uid without privileges, so that is who has to be able to. */
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
const IN_A_LAB = [
  'unshare',
  '--user',
  '--map-root-user',
  '--net',
  '--mount',
  '--pid',
  '--fork',
  '--mount-proc',
]

/** Settings that forbid unprivileged user namespaces when they have this value. */
const FORBIDDING = [
  { name: 'kernel.unprivileged_userns_clone', value: '0', mend: '1' },
  { name: 'user.max_user_namespaces', value: '0', mend: '15000' },
  { name: 'kernel.apparmor_restrict_unprivileged_userns', value: '1', mend: '0' },
] as const

const CONTAINER_HINT =
  'Inside a container its owner has to allow it: with Docker --security-opt seccomp=unconfined --security-opt systempaths=unconfined.'

function tryInLab(machine: Machine, argv: readonly string[]): Promise<string | null> {
  return machine.problemOf([...(machine.isRoot ? AS_NOBODY : []), ...IN_A_LAB, ...argv])
}

export async function checkNamespaces(machine: Machine): Promise<Finding> {
  const problem = await tryInLab(machine, ['true'])
  if (problem === null) return fine('Ordinary users may make namespaces')
  for (const { name, value, mend } of FORBIDDING) {
    const found = await machine.read(`/proc/sys/${name.replaceAll('.', '/')}`)
    if (found?.trim() === value)
      return wrong(
        `User namespaces are forbidden: ${name} is ${value}`,
        `sudo sysctl -w ${name}=${mend}   (to keep it: echo ${name}=${mend} | sudo tee /etc/sysctl.d/60-halab.conf)`,
      )
  }
  return wrong(`User namespaces do not work here: ${problem}`, CONTAINER_HINT)
}

export async function checkBubblewrap(machine: Machine): Promise<Finding> {
  const isolation = [
    '--unshare-user',
    '--unshare-net',
    '--unshare-pid',
    '--unshare-uts',
    '--unshare-ipc',
  ]
  const problem = await tryInLab(machine, [
    'bwrap',
    ...isolation,
    ...['--uid', '0', '--gid', '0', '--cap-add', 'ALL', '--die-with-parent'],
    ...['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', 'true'],
  ])
  if (problem === null) return fine('bubblewrap makes nodes inside a lab')
  return wrong(`bubblewrap cannot make a node here: ${problem}`, CONTAINER_HINT)
}

export async function checkLinks(machine: Machine): Promise<Finding> {
  const script =
    'ip link add h0 type veth peer name h1 && ip link add br0 type bridge && ip link set h0 master br0'
  const problem = await tryInLab(machine, ['sh', '-c', script])
  if (problem === null) return fine('Nodes can be linked by veth and a bridge')
  return wrong(
    `Nodes cannot be linked: ${problem}`,
    'The kernel modules veth and bridge are needed: sudo modprobe -a veth bridge',
  )
}

export async function checkFilter(machine: Machine): Promise<Finding> {
  const script = 'nft add table bridge halab && nft add table inet halab'
  const problem = await tryInLab(machine, ['sh', '-c', script])
  if (problem === null) return fine('Links can be cut with nftables')
  return wrong(
    `nftables does not work in a lab's network: ${problem}`,
    'The kernel modules nf_tables and nf_tables_bridge (or a kernel with them) are needed: sudo modprobe -a nf_tables nft_reject_bridge',
  )
}

export async function checkDevices(machine: Machine): Promise<Finding> {
  const absent = ['/dev/ptmx', '/dev/null', '/dev/urandom'].filter((path) => !machine.exists(path))
  if (absent.length === 0) return fine('Terminals can be opened')
  return wrong(
    `${absent.join(', ')} is missing, so no terminal can be opened`,
    'In a container or a chroot, mount devpts on /dev/pts and link /dev/ptmx to it.',
  )
}
