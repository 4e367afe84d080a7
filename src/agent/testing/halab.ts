/** The product as tests of the real thing use it: the command, in a state and runtime folder of their own. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutDir } from '../../paths.ts'
import type { Evidence, EvidenceKind } from '../../wire/evidence.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Halab extends AsyncDisposable {
  readonly runtime: string
  readonly state: string
  run(args: readonly string[], input?: string): Promise<Ran>
  /** On a node, throwing unless it exits 0. */
  on(lab: string, node: string, ...argv: readonly string[]): Promise<string>
  evidence(lab: string, kind?: EvidenceKind): Promise<Evidence[]>
}

export async function halabForTests(): Promise<Halab> {
  // Short: a socket's path holds 107 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'hl-'))
  const runtime = join(folder, 'run')
  const state = join(folder, 'state')
  const env = { ...process.env, HALAB_RUNTIME: runtime, HALAB_STATE: state }
  const run = (args: readonly string[], input = ''): Promise<Ran> =>
    new Promise((resolve) => {
      const child = execFile(
        join(checkoutDir, 'halab'),
        args,
        { env, maxBuffer: 64 << 20 },
        (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
        },
      )
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(input)
    })
  return {
    runtime,
    state,
    run,
    async on(lab, node, ...argv) {
      const { code, stdout, stderr } = await run(['exec', lab, node, '--', ...argv])
      if (code !== 0) throw new Error(`${argv.join(' ')} on ${node} exited ${code}: ${stderr}`)
      return stdout
    },
    async evidence(lab, kind) {
      const { code, stdout, stderr } = await run([
        'evidence',
        lab,
        '--json',
        ...(kind ? ['--kind', kind] : []),
      ])
      if (code !== 0) throw new Error(`no evidence of ${lab}: ${stderr}`)
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Evidence)
    },
    async [Symbol.asyncDispose]() {
      await run(['down', '--all'])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Polls until it returns something; throws what it last waited for. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}
