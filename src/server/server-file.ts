/** `server.json` in the state folder: how programs of the same user find the server and log in. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ServerFile {
  /** With a token in the fragment that is good once. */
  readonly url: string
  readonly port: number
  readonly pid: number
}

/** Whole or not at all, and for the owner's eyes. */
export function writeServerFile(stateDir: string, file: ServerFile): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const path = join(stateDir, 'server.json')
  const part = `${path}.${process.pid}.part`
  writeFileSync(part, `${JSON.stringify(file)}\n`, { mode: 0o600 })
  renameSync(part, path)
}

/** Only ours: a second server may have written its own since. */
export function removeServerFile(stateDir: string, port: number): void {
  const path = join(stateDir, 'server.json')
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as ServerFile
    if (file.pid === process.pid && file.port === port) rmSync(path)
  } catch {
    // Nothing there to remove.
  }
}
