/** Running a small program to its end, for the engine's own set-up steps. */
import { execFile } from 'node:child_process'
import { HalabError } from '../../errors.ts'

/** Throws `engine-command` with what the program said when it does not exit 0. */
export function run(program: string, args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 4 << 20 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else {
        const said = /.*[Ee]rror.*/.exec(stderr)?.[0] ?? (stderr.trim() || error.message)
        reject(
          new HalabError('engine-command', `${program} ${args[0] ?? ''} failed: ${said}`, {
            hint: '`halab doctor` tells what this machine lacks',
            cause: error,
          }),
        )
      }
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input ?? '')
  })
}

/** Arguments of nsenter for the namespaces of `pid`; `--all` is refused for the cgroup namespace. */
export const nsenter = {
  /** Everything of a node: what runs there is on the node in every respect. */
  whole: (pid: number) => [
    ...['-t', String(pid), '-U', '-n', '-m', '-p', '-u', '-i', '--preserve-credentials', '--'],
  ],
  /**
   * Only its network: for relays, which must not be seen or killed from the node. The lab's root stays
   * itself (its user namespace is the parent of the node's): on the workstation uid 1000 could do nothing.
   */
  network: (pid: number) => ['-t', String(pid), '-n', '--'],
}
