import { constants, watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { MANIFESTS } from '../cluster/facts.ts'
import type { NodeRuntime } from '../engines/types.ts'
import { HalabError } from '../errors.ts'
import type { KubePod } from '../kube/index.ts'
import type { Activity } from './activity.ts'
import type { Journal } from './journal.ts'
import {
  MANIFEST_BROKEN_MS,
  MANIFEST_GONE_MS,
  MANIFEST_MAX_BYTES,
  MANIFEST_QUIET_MS,
} from './limits.ts'
import { isManifestName, staticPod } from './manifest.ts'
import { folderOnNode, makeFolder, openOnNode } from './node-files.ts'

export interface ManifestSource extends Disposable {
  /** Reads the folder now. */
  rescan(): Promise<void>
}
export interface ManifestSourceOptions {
  readonly node: NodeRuntime
  readonly activity: Activity
  readonly journal: Journal
  readonly rescanMs: number
  /** All static Pods there should be, by uid; after every change. */
  readonly onPods: (pods: ReadonlyMap<string, KubePod>) => void
}

interface ManifestFile {
  readonly text: string
  pod: KubePod | null
  /** When it was first missed, or could first not be read as a Pod. */
  missingSince: number | null
  brokenSince: number | null
}

/** Watches a node's folder of static Pods. The first scan is done when this resolves. */
export async function watchManifests(options: ManifestSourceOptions): Promise<ManifestSource> {
  const { node, activity, journal, onPods } = options
  const files = new Map<string, ManifestFile>()
  const closing = new AbortController()
  let watcher: FSWatcher | null = null
  let watched = ''
  let quiet: NodeJS.Timeout | null = null
  let scanning: Promise<void> | null = null
  let published = ''

  await makeFolder(node, MANIFESTS)

  /** Inotify follows a folder, not its name: a folder put in the place of another is watched anew. */
  async function rewatch(): Promise<void> {
    const folder = await folderOnNode(node, MANIFESTS)
    const identity = `${folder} ${(await stat(folder)).ino}`
    if (identity === watched && watcher) return
    watcher?.close()
    watcher = watch(folder, () => scanSoon(MANIFEST_QUIET_MS))
    watcher.on('error', () => {
      watcher = null
    })
    watched = identity
  }
  function scanSoon(ms: number): void {
    if (quiet) clearTimeout(quiet)
    if (!closing.signal.aborted) quiet = setTimeout(() => void rescan(), ms)
  }

  function rescan(): Promise<void> {
    scanning = (scanning ?? Promise.resolve()).then(scan).catch((error: unknown) => {
      journal.error(`"Unable to read manifest folder" path="${MANIFESTS}"`, error)
    })
    return scanning
  }

  async function scan(): Promise<void> {
    await activity.whenActive(closing.signal)
    if (closing.signal.aborted) return
    let names: string[] = []
    try {
      await rewatch()
      names = (await readdir(await folderOnNode(node, MANIFESTS))).filter(isManifestName)
    } catch (error) {
      // Without the folder there are no static Pods, as for a kubelet; anything else is a fault.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    const present = new Set(names)
    for (const name of names) await readManifest(name, present)
    if (closing.signal.aborted) return
    for (const [name, file] of files) if (!present.has(name)) missed(name, file)
    publish()
  }

  async function readManifest(name: string, present: Set<string>): Promise<void> {
    const path = `${MANIFESTS}/${name}`
    let text: string
    try {
      await using file = await openOnNode(node, path, constants.O_RDONLY | constants.O_NONBLOCK)
      const { size, ...kind } = await file
        .stat()
        .then((s) => ({ size: s.size, isFile: s.isFile() }))
      if (!kind.isFile) return
      if (size > MANIFEST_MAX_BYTES) throw new HalabError('bad-manifest', `${path} is too large`)
      text = await file.readFile('utf8')
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ENOENT') present.delete(name)
      else journal.error(`"Can't process manifest file" path="${path}"`, error)
      return
    }
    const known = files.get(name)
    if (known?.text === text) {
      known.missingSince = null
      if (
        known.brokenSince !== null &&
        performance.now() - known.brokenSince > MANIFEST_BROKEN_MS
      ) {
        known.pod = null
      }
      return
    }
    try {
      const pod = staticPod(text, path, node.name)
      files.set(name, { text, pod, missingSince: null, brokenSince: null })
    } catch (error) {
      journal.error(`"Can't process manifest file" path="${path}"`, error)
      const brokenSince = known?.brokenSince ?? performance.now()
      files.set(name, { text, pod: known?.pod ?? null, missingSince: null, brokenSince })
    }
  }

  function missed(name: string, file: ManifestFile): void {
    file.missingSince ??= performance.now()
    const left = file.missingSince + MANIFEST_GONE_MS - performance.now()
    if (left <= 0) files.delete(name)
    else scanSoon(Math.max(left, MANIFEST_QUIET_MS))
  }

  function publish(): void {
    const pods = new Map<string, KubePod>()
    for (const { pod } of files.values()) if (pod?.metadata?.uid) pods.set(pod.metadata.uid, pod)
    const key = [...pods.keys()].sort().join()
    if (key === published) return
    published = key
    onPods(pods)
  }

  await rescan()
  const fallback = setInterval(() => void rescan(), options.rescanMs)
  activity.onResume(() => scanSoon(0))

  return {
    rescan,
    [Symbol.dispose]() {
      closing.abort()
      clearInterval(fallback)
      if (quiet) clearTimeout(quiet)
      watcher?.close()
    },
  }
}
