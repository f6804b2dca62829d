import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import { createSqlServerClient } from '../../../platform/sql-server/client.ts'
import { migrateServer } from '../../../platform/sql-server/migrate.ts'
import type { SqlServer } from '../../../platform/sql-server/server.ts'
import { openReader } from '../../../platform/sqlite/reader.ts'
import { createSqlClient, sqlProgram } from '../../../platform/sqlite/sql-client.ts'
import type { SqliteWriter } from '../../../platform/sqlite/writer.ts'
import { drizzle } from './drizzle.ts'

/** The directory's database, for the query builder. */
export interface DirectoryDatabase {
  readonly db: SqliteRemoteDatabase
  /** Another process may write to it as well. */
  readonly isShared: boolean
  /** What `run` queries through `db` is one transaction; what throws undoes it. */
  transaction<T>(run: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens a database server; asked for when the directory is opened. */
export type OpenServer = () => Promise<SqlServer>

const folderOf = (kind: 'sqlite' | 'server') =>
  fileURLToPath(new URL(`../../../../migrations/directory/${kind}`, import.meta.url))
/** `HPdi`. */
const applicationId = 0x48506469

/** directory.db in the data folder. */
export async function openDirectoryFile(dataDir: string, writer: SqliteWriter): Promise<DirectoryDatabase> {
  mkdirSync(dataDir, { recursive: true })
  const path = join(dataDir, 'directory.db')
  const file = await writer.open({
    name: 'directory.db',
    path,
    synchronous: 'full',
    migrations: { folder: folderOf('sqlite'), applicationId },
    program: sqlProgram,
  })
  const reader = openReader(path, { cacheKiB: 512 })
  const client = createSqlClient({ file, reader })
  return {
    db: drizzle(client.query),
    isShared: false,
    transaction: (run) => client.transaction(run),
    async close() {
      reader.close()
      await file.close()
    },
  }
}

export async function openDirectoryServer(open: OpenServer): Promise<DirectoryDatabase> {
  const server = await open()
  try {
    await migrateServer(server, folderOf('server'))
  } catch (error) {
    await server.end()
    throw error
  }
  const client = createSqlServerClient(server)
  return {
    db: drizzle(client.query),
    isShared: true,
    transaction: (run) => client.transaction(run),
    close: () => server.end(),
  }
}
