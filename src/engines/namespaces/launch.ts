/**
 * Starts the agent of a lab inside namespaces of the lab's own. As root each lab first gets an
 * unprivileged uid (process limits are counted per uid), and sees the checkout, the binaries and its
 * own run folder through bind mounts, so that a checkout below a folder only root may enter works.
 */
import { spawn } from 'node:child_process'
import { chown } from 'node:fs/promises'
import { openSync, closeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { checkoutDir } from '../../paths.ts'

export interface LaunchFolders {
  /** Below the runtime dir; removed when the lab ends. */
  readonly run: string
  /** `$HALAB_STATE/runs/<name>`; stays. */
  readonly archive: string
  readonly binaries: string
  readonly golden: string
  /** Node's compile cache of the agent: read, never written, by labs. */
  readonly compiled: string
}

/** Returns once the watching process runs, with its pid; the agent tells the rest through its socket. */
export async function launchInNamespaces(folders: LaunchFolders): Promise<number> {
  const uid = process.getuid?.() === 0 ? labUid() : undefined
  if (uid !== undefined) {
    await chown(folders.run, uid, uid)
    await chown(folders.archive, uid, uid)
    await chown(join(folders.run, 'run.json'), uid, uid)
  }
  const log = openSync(join(folders.archive, 'agent.log'), 'a', 0o600)
  try {
    const script = fileURLToPath(new URL('enter.sh', import.meta.url))
    const watcher = spawn('/bin/sh', [script, 'watch'], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LANG: 'C.UTF-8',
        HALAB_L_COMPILED: folders.compiled,
        HALAB_L_APP: checkoutDir,
        HALAB_L_BIN: folders.binaries,
        HALAB_L_GOLDEN: folders.golden,
        HALAB_L_RUN: folders.run,
        HALAB_L_ARCHIVE: folders.archive,
        HALAB_L_NODE: process.execPath,
        ...(uid !== undefined && { HALAB_L_UID: String(uid) }),
      },
    })
    await new Promise<void>((resolve, reject) => {
      watcher.once('spawn', resolve)
      watcher.once('error', reject)
    })
    watcher.unref()
    return watcher.pid ?? 0
  } finally {
    closeSync(log)
  }
}

/**
 * Out of a range that no distribution hands out (systemd's dynamic users end at 65519, sub-uids
 * begin at 100000 but are given from /etc/subuid in whole blocks, rarely this high).
 */
function labUid(): number {
  return 1_700_000_000 + Math.floor(Math.random() * 100_000_000)
}
