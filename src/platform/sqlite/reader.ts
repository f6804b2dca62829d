import { type Database, openDatabase } from './database.ts'

/**
 * A read-only connection for the main thread. Statements are prepared once and read to their end: an iterator left open
 * across an await keeps the write-ahead log from being reset.
 */
export function openReader(path: string, { cacheKiB }: { cacheKiB: number }): Database {
  const db = openDatabase(path, 'read')
  db.pragma('query_only = ON')
  db.pragma(`cache_size = -${cacheKiB}`)
  return db
}
