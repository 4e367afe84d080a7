import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import type { NodeFacts } from './node-object.ts'

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
/** Nodes have no disk of their own; their files are in memory. */
const DISK_BYTES = 20 * 1024 ** 3

/** The machine that the lab runs on: each node believes it has it to itself, as a container would. */
export function machineFacts(): NodeFacts {
  return {
    cpus: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    diskBytes: DISK_BYTES,
    kernelVersion: os.release(),
    osImage: osImage(),
    architecture: ARCHITECTURES[os.arch()] ?? os.arch(),
    bootId: randomUUID(),
    labels: {},
  }
}

function osImage(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  } catch {
    return 'Linux'
  }
}
