import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database } from './database.ts'
import { runStatement, type SqlMethod, statementCache } from './sql-program.ts'
import type { WriterFile } from './writer.ts'

/** The writer program that `createSqlClient` speaks to. */
export const sqlProgram = new URL('./sql-program.ts', import.meta.url)

export interface SqlClient {
  /** The callback for `drizzle()` of drizzle-orm/sqlite-proxy. */
  readonly query: (sql: string, params: unknown[], method: SqlMethod) => Promise<{ rows: unknown[] }>
  /**
   * Everything that `run` queries, however deep, is one transaction. Use this and not Drizzle's own `db.transaction`:
   * several callers share one connection, so each transaction must have it alone. Nested calls join the outer one.
   */
  transaction<T>(run: () => Promise<T>): Promise<T>
}

const reads = /^\s*(select|with\b(?![\s\S]*\b(insert|update|delete)\b)|pragma\s+\w+\s*$)/i
const transactionWords = /^\s*(begin|commit|rollback|savepoint|release)\b/i

/** Reads outside a transaction run on the reader in this thread; all else goes to the writer. */
export function createSqlClient({ file, reader }: { file: WriterFile; reader: Database }): SqlClient {
  const current = new AsyncLocalStorage<WriterFile['call']>()
  const prepare = statementCache(reader)
  return {
    query: async (sql, params, method) => {
      if (transactionWords.test(sql)) throw new Error('transactions are opened by SqlClient.transaction')
      const inside = current.getStore()
      if (inside) return inside('statement', { sql, params, method })
      if (reads.test(sql)) return runStatement(prepare(sql), params, method)
      return file.call('statement', { sql, params, method })
    },
    transaction: (run) => (current.getStore() ? run() : file.transaction((call) => current.run(call, run))),
  }
}
