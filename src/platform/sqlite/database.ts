import Sqlite from 'better-sqlite3'

/** The only file that knows the package: everything else sees these types. */
export type Database = Sqlite.Database
export type Statement<Row = unknown> = Sqlite.Statement<unknown[], Row>

/** How long a connection waits for another process (the CLI beside a running server) before it gives up. */
const busyTimeoutMs = 5_000

export function openDatabase(path: string, mode: 'write' | 'read'): Database {
  return new Sqlite(path, {
    readonly: mode === 'read',
    fileMustExist: mode === 'read',
    timeout: busyTimeoutMs,
  })
}
