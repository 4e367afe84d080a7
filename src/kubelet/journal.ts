import { constants } from 'node:fs'
import { rename } from 'node:fs/promises'
import type { NodeRuntime } from '../engines/types.ts'
import { coalesced } from './coalesced.ts'
import { JOURNAL_MAX_BYTES } from './limits.ts'
import { fileOnNode, openOnNode } from './node-files.ts'

/** The kubelet's own log on its node, one line each, as a journal would print it with `-o short-iso-precise`. */
export interface Journal {
  log(message: string): void
  error(message: string, cause?: unknown): void
  /** Resolves when everything so far is in the file. */
  flush(): Promise<void>
}

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT

export const KUBELET_LOG = '/var/log/kubelet.log'

/** Losing lines (a full disk, a folder that the learner moved away) never disturbs the kubelet. */
export function openJournal(node: Pick<NodeRuntime, 'path' | 'name'>): Journal {
  let pending = ''

  const writer = coalesced(async () => {
    // Lines of one moment go into one write.
    await new Promise((resolve) => setImmediate(resolve))
    const text = pending
    pending = ''
    try {
      await using file = await openOnNode(node, KUBELET_LOG, APPEND)
      await file.write(text)
      if ((await file.stat()).size < JOURNAL_MAX_BYTES) return
      const path = await fileOnNode(node, KUBELET_LOG)
      await rename(path, `${path}.1`)
    } catch {
      // See above: nowhere to tell it.
    }
  })
  function write(level: 'I' | 'E', message: string): void {
    const now = new Date().toISOString()
    const klog = `${level}${now.slice(5, 7)}${now.slice(8, 10)} ${now.slice(11, 23)}000`
    const line = message.replaceAll('\n', ' ')
    pending += `${now.slice(0, 23)}000+00:00 ${node.name} kubelet[1]: ${klog}       1 ${line}\n`
    writer.poke()
  }
  return {
    log: (message) => write('I', message),
    error(message, cause) {
      const why = cause instanceof Error ? cause.message : undefined
      write('E', why === undefined ? message : `${message} err=${JSON.stringify(why)}`)
    },
    flush: () => writer.idle(),
  }
}
