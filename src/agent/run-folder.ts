import { existsSync } from 'node:fs'
import { paths } from '../engines/namespaces/paths.ts'

const FOLDER_CHECK_MS = 2000

/** Resolves when the run's folder was removed: nobody can reach the lab any more, and it would run on for ever. */
export function runFolderGone(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (existsSync(`${paths.run}/run.json`)) return
      clearInterval(timer)
      resolve()
    }, FOLDER_CHECK_MS)
  })
}
