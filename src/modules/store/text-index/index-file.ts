import { existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Database, openDatabase } from '../../../platform/sqlite/database.ts'
import { migrate } from '../../../platform/sqlite/migrate.ts'
import { openReader } from '../../../platform/sqlite/reader.ts'

/** What an index is made of; one that was made of something else is thrown away. */
export interface IndexMake {
  /** Texts inside documents are in it. */
  readonly documents: boolean
}

/** Raised whenever texts are read, folded or cut into terms in another way. */
const version = 1

const migrations = {
  folder: fileURLToPath(new URL('../../../../migrations/search/', import.meta.url)),
  /** "hpsx" */
  applicationId: 0x68707378,
}
const pageSize = 16 * 1024
const readerCacheKiB = 2 * 1024
const writerCacheKiB = 4 * 1024

/** What is gone from the mail is taken out of the index once a day. */
const sweepEveryMs = 24 * 60 * 60 * 1000

export function isSweepDue(sweptAt: string | undefined, now: number): boolean {
  return now - Number(sweptAt ?? 0) >= sweepEveryMs
}

function makeText({ documents }: IndexMake): string {
  return `${version} ${documents ? 'with documents' : 'without documents'}`
}

/** For the thread that indexes, the only one that writes this file. What a power cut takes from its end is indexed again. */
export function openIndexToWrite(path: string, make: IndexMake): Database {
  const db = openDatabase(path, 'write')
  try {
    db.pragma(`page_size = ${pageSize}`)
    db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    // What is deleted is overwritten; pages that are free are given back after each run.
    db.pragma('secure_delete = FAST')
    db.pragma(`cache_size = -${writerCacheKiB}`)
    db.pragma('journal_size_limit = 16777216')
    migrate(db, migrations)
    db.prepare("INSERT OR IGNORE INTO setup (name, value) VALUES ('make', ?)").run(makeText(make))
    return db
  } catch (cause) {
    db.close()
    throw cause
  }
}

/** For searches. Undefined where there is none, or none that fits. */
export function openIndexToRead(path: string, make: IndexMake): Database | undefined {
  if (!existsSync(path)) return undefined
  let db: Database | undefined
  try {
    db = openReader(path, { cacheKiB: readerCacheKiB })
    const made = db.prepare<[], string>("SELECT value FROM setup WHERE name = 'make'").pluck().get()
    if (made === makeText(make)) return db
  } catch {
    // Damaged, or of another program: as good as none.
  }
  db?.close()
  return undefined
}

export function removeIndex(path: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
}
