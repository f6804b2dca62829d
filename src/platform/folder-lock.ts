import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from './sqlite/database.ts'

/** One process at a time may use a data folder. */
export type FolderLock =
  | { readonly kind: 'held'; release(): void }
  | { readonly kind: 'taken'; readonly by: string }

/**
 * Takes the lock of a data folder, waiting for it at most `waitMs`. It is SQLite's lock on an empty file: the system frees it
 * however the process ends, and containers that share a volume see it too.
 */
export function lockFolder(folder: string, waitMs: number): FolderLock {
  const run = join(folder, 'run')
  mkdirSync(run, { recursive: true, mode: 0o700 })
  const holder = join(run, 'pid')
  const db = openDatabase(join(run, 'lock'), 'write')
  try {
    db.pragma(`busy_timeout = ${waitMs}`)
    db.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause
    return { kind: 'taken', by: nameOf(holder) }
  }
  writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 })
  return {
    kind: 'held',
    release: () => {
      db.exec('ROLLBACK')
      db.close()
    },
  }
}

function nameOf(holder: string): string {
  try {
    return `process ${readFileSync(holder, 'utf8').trim()}`
  } catch {
    return 'another process'
  }
}
