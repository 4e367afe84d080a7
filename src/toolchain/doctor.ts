/** What this machine can run, what is missing, and how to get it. */
import { checkBinaries, checkDisk } from './doctor-binaries.ts'
import {
  checkBubblewrap,
  checkDevices,
  checkFilter,
  checkLinks,
  checkNamespaces,
} from './doctor-kernel.ts'
import { fine, wrong, type Check, type Finding } from './finding.ts'
import { thisMachine, type Machine } from './machine.ts'
import { gigabytes } from './go-build.ts'
import { LAB_MEMORY_BYTES, OLDEST_NODE_MAJOR, SERVER_PORT } from './limits.ts'
import { installCommand, missingPackages } from './system-packages.ts'

export interface Diagnosis {
  readonly ok: boolean
  readonly checks: readonly Check[]
}

/** In the order in which one would mend them: without Linux nothing else matters. */
export const doctorChecks: Readonly<Record<string, (machine: Machine) => Promise<Finding>>> = {
  linux: checkLinux,
  node: checkNode,
  packages: checkPackages,
  'user-namespaces': checkNamespaces,
  bubblewrap: checkBubblewrap,
  links: checkLinks,
  filter: checkFilter,
  devices: checkDevices,
  memory: checkMemory,
  binaries: checkBinaries,
  disk: checkDisk,
  port: checkPort,
  chromium: checkChromium,
}

/** Tries everything for real, all at once; takes up to three seconds where a network does not answer. */
export async function checks(machine: Machine = thisMachine()): Promise<Diagnosis> {
  const found = await Promise.all(
    Object.entries(doctorChecks).map(async ([id, check]) => ({ id, ...(await check(machine)) })),
  )
  return { ok: found.every(({ ok }) => ok), checks: found }
}

async function checkLinux({ platform, arch }: Machine): Promise<Finding> {
  if (platform !== 'linux')
    return wrong(
      `Labs need Linux, and this is ${platform}`,
      'Use a Linux machine or virtual machine; on Windows, WSL 2 is one.',
    )
  if (arch !== 'x64' && arch !== 'arm64')
    return wrong(
      `There are no programs for ${arch} processors`,
      'Use a 64-bit x86 or ARM machine (amd64 or arm64).',
    )
  return fine(`Linux on ${arch}`)
}

async function checkNode({ nodeVersion }: Machine): Promise<Finding> {
  if (Number(nodeVersion.split('.')[0]) >= OLDEST_NODE_MAJOR) return fine(`Node ${nodeVersion}`)
  return wrong(
    `Node ${nodeVersion} is too old`,
    'Start halab as ./halab: it brings the Node that it needs.',
  )
}

async function checkPackages({ exists }: Machine): Promise<Finding> {
  const needed = missingPackages(['lab'], exists)
  const wanted = missingPackages(['learner'], exists)
  const all = [...needed, ...wanted]
  if (all.length === 0) return fine('Every system package is there')
  const names = all.map(({ name }) => name).join(', ')
  const hint = `${installCommand(all)}   (halab does so itself where it may)`
  if (needed.length === 0) return fine(`Labs run; their terminals will miss ${names}`, hint)
  return wrong(`System packages are missing: ${names}`, hint)
}

async function checkMemory({ read }: Machine): Promise<Finding> {
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec((await read('/proc/meminfo')) ?? '')?.[1]
  if (!kilobytes) return fine('How much memory is free cannot be told here')
  const free = Number(kilobytes) * 1024
  if (free >= LAB_MEMORY_BYTES) return fine(`${gigabytes(free)} of memory are free`)
  return wrong(
    `Only ${gigabytes(free)} of memory are free; a lab needs ${gigabytes(LAB_MEMORY_BYTES)}`,
    'Close what takes much memory, or give the virtual machine more.',
  )
}

async function checkPort({ portIsFree }: Machine): Promise<Finding> {
  if (await portIsFree(SERVER_PORT)) return fine(`Port ${SERVER_PORT} is free`)
  return fine(
    `Port ${SERVER_PORT} is taken; the course will be served on the next free one`,
    'Another halab may be serving already: ./halab serve prints its address.',
  )
}

async function checkChromium({ exists }: Machine): Promise<Finding> {
  const missing = missingPackages(['test'], exists)
  if (missing.length === 0) return fine('Chromium is there, for the browser tests')
  return fine('Chromium is not installed; only `halab test` needs it', installCommand(missing))
}
