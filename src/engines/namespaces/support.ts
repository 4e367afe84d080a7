/** Whether this machine can run the engine: tried for real, not guessed from settings. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { Support } from '../types.ts'

const UNPRIVILEGED = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
const PROBE = [
  'unshare',
  '--user',
  '--map-root-user',
  '--net',
  '--mount',
  '--pid',
  '--fork',
  'true',
]

/** Each of these settings forbids unprivileged user namespaces when it has the value beside it. */
const SETTINGS = [
  {
    file: 'kernel/unprivileged_userns_clone',
    forbids: '0',
    mend: 'kernel.unprivileged_userns_clone=1',
  },
  { file: 'user/max_user_namespaces', forbids: '0', mend: 'user.max_user_namespaces=15000' },
  {
    file: 'kernel/apparmor_restrict_unprivileged_userns',
    forbids: '1',
    mend: 'kernel.apparmor_restrict_unprivileged_userns=0',
  },
]

export async function support(): Promise<Support> {
  if (process.platform !== 'linux') {
    return missing(
      'no-linux',
      'the namespaces engine needs Linux',
      'on macOS use a Linux VM, or `--engine kind`',
    )
  }
  const argv = process.getuid?.() === 0 ? [...UNPRIVILEGED, ...PROBE] : PROBE
  const problem = await tryRun(argv)
  if (problem === undefined) return { ok: true, missing: [] }
  for (const { file, forbids, mend } of SETTINGS) {
    const value = await readFile(`/proc/sys/${file}`, 'utf8').catch(() => undefined)
    if (value?.trim() === forbids) {
      const name = file.replace('/', '.')
      return missing(
        'userns-forbidden',
        `user namespaces are forbidden: ${name} is ${forbids}`,
        `an administrator can allow them: sysctl -w ${mend}`,
      )
    }
  }
  return missing(
    'userns-forbidden',
    `user namespaces do not work here: ${problem}`,
    'in a container, allow the unshare and mount system calls (seccomp) and give it /proc unmasked',
  )
}

function missing(code: string, message: string, hint: string): Support {
  return { ok: false, missing: [{ code, message, hint }] }
}

function tryRun([program = '', ...args]: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, (error, _stdout, stderr) => {
      resolve(error ? stderr.trim() || error.message : undefined)
    })
  })
}
