/** SQLite in the state folder. What goes wrong with it never keeps the lessons from being read. */
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HalabError } from '../../errors.ts'
import { SERVER_LIMITS } from '../limits.ts'
import { MIGRATIONS } from './migrations.ts'

export interface Store extends Disposable {
  /** Runs `work` on the open database; throws `progress-unavailable` with what to do when it cannot. */
  with<T>(work: (database: DatabaseSync) => T): T
}

/** Opens (and makes) the file at first use, and tries again at each use while it cannot be opened. */
export function createStore(file: string): Store {
  let database: DatabaseSync | null = null
  return {
    with(work) {
      try {
        database ??= open(file)
        return work(database)
      } catch (error) {
        throw unavailable(file, error)
      }
    },
    [Symbol.dispose]() {
      database?.close()
      database = null
    },
  }
}

function open(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(file, { timeout: SERVER_LIMITS.databaseBusyMs })
  try {
    chmodSync(file, 0o600)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    migrate(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function migrate(database: DatabaseSync): void {
  // Two servers that start at once must not both apply a step.
  database.exec('BEGIN IMMEDIATE')
  try {
    const row = database.prepare('PRAGMA user_version').get()
    const version = Number(row?.['user_version'] ?? 0)
    if (version > MIGRATIONS.length) {
      throw new HalabError('progress-newer', 'A newer halab has written this database', {
        hint: 'Use that version, or set HALAB_STATE to another folder.',
      })
    }
    for (const step of MIGRATIONS.slice(version)) database.exec(step)
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** SQLite's primary result codes that have an answer of their own. */
const HINTS: Readonly<Record<number, string>> = {
  5: 'Another program holds it: close what has it open.',
  8: 'It cannot be written: look at its owner and mode.',
  11: 'It is damaged: move it away to begin a new one.',
  13: 'The disk is full: free some space.',
  14: 'It cannot be opened: look at the folder’s owner and mode.',
  26: 'It is not a database: move it away to begin a new one.',
}

function unavailable(file: string, cause: unknown): HalabError {
  if (cause instanceof HalabError) return cause
  const code = (cause as { errcode?: number }).errcode
  const reason = cause instanceof Error ? cause.message : String(cause)
  const hint = (code === undefined ? undefined : HINTS[code & 0xff]) ?? 'Look at the file.'
  return new HalabError('progress-unavailable', `Progress cannot be kept in ${file}: ${reason}`, {
    hint,
    cause,
  })
}
