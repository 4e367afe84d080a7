// @ts-check
import { readFileSync } from 'node:fs'

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} Locked
 * @typedef {{ packages: Record<string, Locked> }} LockFile
 */

/**
 * Whether node_modules holds what the lock file asks for. npm writes `node_modules/.package-lock.json`
 * as its last act, so an interrupted installation does not have it. Optional packages may be absent:
 * npm leaves out those of other processors.
 * @param {string} root folder with a slash at its end
 * @param {LockFile} wanted
 */
export function isInstalled(root, wanted) {
  const found = readHiddenLock(root)
  if (!found) return false
  return Object.entries(wanted.packages).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    const there = found.packages[path]
    return there ? there.version === entry.version : entry.optional === true
  })
}

/** @param {string} root @returns {LockFile | undefined} */
function readHiddenLock(root) {
  try {
    const text = readFileSync(`${root}node_modules/.package-lock.json`, 'utf8')
    return /** @type {LockFile} */ (JSON.parse(text))
  } catch {
    return undefined
  }
}
