/** Power: starts the sandbox that is a node and waits until it is whole. */
import { spawn } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { HalabError } from '../../errors.ts'
import type { NodeSummary } from '../../wire/lab.ts'
import { bwrapArgs, sandboxCandidates } from './bwrap.ts'

export interface BootedSandbox {
  /** The sandbox's own pid 1, as the lab sees it. */
  readonly pid: number
  readonly ended: Promise<void>
}

/** Looked up once: what this machine's /usr and /etc are like. */
const host = {
  links: sandboxCandidates.usr.filter((name) => isLink(`/${name}`)),
  folders: sandboxCandidates.usr.filter((name) => existsSync(`/${name}`) && !isLink(`/${name}`)),
  hostEtc: sandboxCandidates.etc.filter((path) => existsSync(path)),
}

export function bootSandbox(node: NodeSummary): Promise<BootedSandbox> {
  const child = spawn('bwrap', bwrapArgs({ node, ...host, statusFd: 3 }), {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '' },
  })
  const [, stdout, stderr, status] = child.stdio
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    let pid: number | undefined
    let up = false
    let said = ''
    let told = ''
    const done = () => {
      if (pid !== undefined && up) resolve({ pid, ended })
    }
    status?.on('data', (chunk: Buffer) => {
      told += chunk.toString()
      pid ??= Number(/"child-pid": (\d+)/.exec(told)?.[1] ?? NaN) || undefined
      done()
    })
    stdout?.on('data', () => {
      up = true
      done()
    })
    stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.once('error', (cause) => reject(failure(node.name, cause.message)))
    child.once('exit', () => reject(failure(node.name, said.trim())))
  })
}

function failure(node: string, why: string): HalabError {
  return new HalabError('node-start', `node ${node} could not be started: ${why}`, {
    hint: '`halab doctor` tells what this machine lacks',
  })
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}
