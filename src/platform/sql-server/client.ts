import { AsyncLocalStorage } from 'node:async_hooks'
import type { SqlConnection, SqlServer } from './server.ts'

export interface SqlServerClient {
  /** The callback for `drizzle()` of drizzle-orm/sqlite-proxy. */
  readonly query: (sql: string, params: unknown[], method: string) => Promise<{ rows: unknown[] }>
  /** Everything that `run` queries, however deep, is one transaction. Nested calls join the outer one. */
  transaction<T>(run: () => Promise<T>): Promise<T>
}

export function createSqlServerClient(server: SqlServer): SqlServerClient {
  const current = new AsyncLocalStorage<SqlConnection>()
  return {
    query: async (sql, params, method) => {
      const inside = current.getStore()
      const rows = await (inside?.query(sql, params) ?? alone(server, sql, params))
      // Drizzle takes `rows` of a `get` as the row itself.
      return { rows: method === 'get' ? (rows[0] as unknown[]) : rows }
    },
    transaction: (run) =>
      current.getStore() ? run() : inTransaction(server, (connection) => current.run(connection, run)),
  }
}

async function alone(server: SqlServer, sql: string, params: unknown[]): Promise<unknown[][]> {
  const connection = await server.borrow()
  try {
    const rows = await connection.query(sql, params)
    connection.giveBack()
    return rows
  } catch (error) {
    connection.discard()
    throw error
  }
}

export async function inTransaction<T>(
  server: SqlServer,
  run: (connection: SqlConnection) => Promise<T>,
): Promise<T> {
  const connection = await server.borrow()
  try {
    await connection.query('BEGIN', [])
    const result = await run(connection)
    await connection.query('COMMIT', [])
    connection.giveBack()
    return result
  } catch (error) {
    await undo(connection)
    throw error
  }
}

async function undo(connection: SqlConnection): Promise<void> {
  try {
    await connection.query('ROLLBACK', [])
    connection.giveBack()
  } catch {
    // The server undoes what a vanished connection began; the first error says why.
    connection.discard()
  }
}
