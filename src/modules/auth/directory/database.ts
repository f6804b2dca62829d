import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import { SqliteFailure } from '../../../platform/sqlite/failure.ts'
import { openReader } from '../../../platform/sqlite/reader.ts'
import { createSqlClient, sqlProgram } from '../../../platform/sqlite/sql-client.ts'
import type { SqliteWriter } from '../../../platform/sqlite/writer.ts'
import { drizzle } from './drizzle.ts'

/** directory.db, for the query builder. */
export interface DirectoryDatabase {
  readonly db: SqliteRemoteDatabase
  /** What `run` queries through `db` is one transaction; what throws undoes it. */
  transaction<T>(run: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

const folder = fileURLToPath(new URL('../../../../migrations/directory/sqlite', import.meta.url))
/** `HPdi`. */
const applicationId = 0x48506469

export async function openDirectory(dataDir: string, writer: SqliteWriter): Promise<DirectoryDatabase> {
  mkdirSync(dataDir, { recursive: true })
  const path = join(dataDir, 'directory.db')
  const file = await writer.open({
    name: 'directory.db',
    path,
    synchronous: 'full',
    migrations: { folder, applicationId },
    program: sqlProgram,
  })
  const reader = openReader(path, { cacheKiB: 512 })
  const client = createSqlClient({ file, reader })
  return {
    db: drizzle(client.query),
    transaction: (run) => client.transaction(run),
    async close() {
      reader.close()
      await file.close()
    },
  }
}

/** True where a statement failed because a name or a number is taken. */
export function isTaken(error: unknown): boolean {
  // Drizzle wraps what the driver throws.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof SqliteFailure && /^SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)/.test(cause.code)
}
