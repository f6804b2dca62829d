import type { Database, Statement } from './database.ts'
import type { Operations } from './protocol.ts'

/** How Drizzle's sqlite-proxy wants its rows: arrays of columns, one of them for `get`, none for `run`. */
export type SqlMethod = 'run' | 'all' | 'values' | 'get'

export interface SqlStatement {
  readonly sql: string
  readonly params: readonly unknown[]
  readonly method: SqlMethod
}

const keptStatements = 200

/** A writer program without operations of its own: it runs the statements that a query builder writes. */
export function createProgram(db: Database): Operations {
  const prepare = statementCache(db)
  const statement = ({ sql, params, method }: SqlStatement) => runStatement(prepare(sql), params, method)
  return {
    statement,
    statements: (all: readonly SqlStatement[]) => all.map(statement),
  }
}

/** Keeps the statements it was asked for last. */
export function statementCache(db: Database): (sql: string) => Statement {
  const kept = new Map<string, Statement>()
  return (sql) => {
    const known = kept.get(sql)
    if (known) return known
    const made = db.prepare(sql)
    kept.set(sql, made)
    if (kept.size > keptStatements) kept.delete(kept.keys().next().value ?? sql)
    return made
  }
}

export function runStatement(
  statement: Statement,
  params: readonly unknown[],
  method: SqlMethod,
): { rows: unknown[] } {
  if (!statement.reader) {
    statement.run(...params)
    return { rows: [] }
  }
  statement.raw()
  // Drizzle takes `rows` of a `get` as the row itself, undefined where there is none.
  if (method === 'get') return { rows: statement.get(...params) as unknown[] }
  return { rows: statement.all(...params) }
}
