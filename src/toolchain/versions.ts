/** What halab runs, in which version, and where it comes from: `toolchain/versions.json`, typed. */
import table from '../../toolchain/versions.json' with { type: 'json' }
import { HalabError } from '../errors.ts'

export type Arch = 'amd64' | 'arm64'
export type BinaryName = keyof typeof table.kubernetes.binaries | keyof typeof table.etcd.binaries

/** A project whose programs halab runs, all of one version. Patterns hold `{version}`, `{arch}`, `{binary}`. */
export interface Upstream {
  /** Also the folder of its Go module in `toolchain/`. */
  readonly name: string
  readonly version: string
  /** Program → Go package it is built from. */
  readonly binaries: Readonly<Record<string, string>>
  readonly download: {
    readonly base: string
    /** Environment variable that replaces `base`, for mirrors. */
    readonly mirrorVariable: string
    readonly file: string
    readonly checksums: string
    /** Path of a program inside `file` where that is an archive. */
    readonly member?: string
  }
  readonly ldflags: readonly string[]
  /** Arch → file name → sha256. A pin wins over the publisher's checksum file. */
  readonly pins: Readonly<Record<Arch, Readonly<Record<string, string>>>>
}

export const upstreams: readonly Upstream[] = [
  { name: 'kubernetes', ...table.kubernetes },
  { name: 'etcd', ...table.etcd },
]

export const etcdVersion = table.etcd.version

export const binaryNames = upstreams.flatMap((upstream) =>
  Object.keys(upstream.binaries),
) as readonly BinaryName[]

export function upstreamOf(binary: string, all: readonly Upstream[] = upstreams): Upstream {
  const found = all.find((upstream) => binary in upstream.binaries)
  if (!found)
    throw new HalabError('unknown-binary', `${binary} is none of halab's programs`, {
      hint: `They are ${all.flatMap((upstream) => Object.keys(upstream.binaries)).join(', ')}.`,
    })
  return found
}

/** Fills `{version}`, `{major}`, `{minor}`, `{arch}` and `{binary}` of a pattern. */
export function fill(pattern: string, upstream: Upstream, arch: Arch, binary = ''): string {
  const [major = '', minor = ''] = upstream.version.split('.')
  const values: Record<string, string> = { version: upstream.version, major, minor, arch, binary }
  return pattern.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole)
}

/** This machine's architecture in the words of the Go world. Throws `unsupported-arch`. */
export function thisArch(nodeArch: string = process.arch): Arch {
  if (nodeArch === 'x64') return 'amd64'
  if (nodeArch === 'arm64') return 'arm64'
  throw new HalabError('unsupported-arch', `halab does not run on ${nodeArch} processors`, {
    hint: 'It needs a 64-bit x86 or ARM machine (amd64 or arm64).',
  })
}
