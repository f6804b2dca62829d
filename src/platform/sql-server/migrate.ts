import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UnusableFile } from '../sqlite/failure.ts'
import { inTransaction } from './client.ts'
import type { SqlConnection, SqlServer } from './server.ts'

/**
 * Brings a database to the version of this program. The folder's `NNN-what.sql` files, in their order, are one list of
 * statements that only ever grows; the database keeps how many of them it has had. So a step that was cut off goes on
 * where it stopped, also where a server commits each CREATE TABLE by itself.
 */
export async function migrateServer(server: SqlServer, folder: string): Promise<void> {
  const statements = readStatements(folder).map((statement) => spelled(statement, server.flavor))
  await inTransaction(server, async (connection) => {
    const done = await statementsDone(connection)
    if (done > statements.length) {
      throw new UnusableFile(
        `The database was written by a newer Homepost (step ${done}, this one knows ${statements.length}). ` +
          'Start that version again, or restore a backup.',
      )
    }
    for (const [index, statement] of statements.entries()) {
      if (index < done) continue
      await connection.query(statement, [])
      await connection.query('UPDATE homepost_schema SET steps = ?', [index + 1])
    }
  })
}

async function statementsDone(connection: SqlConnection): Promise<number> {
  await connection.query('CREATE TABLE IF NOT EXISTS homepost_schema (steps BIGINT NOT NULL)', [])
  const [row] = await connection.query('SELECT steps FROM homepost_schema', [])
  if (row === undefined) await connection.query('INSERT INTO homepost_schema VALUES (0)', [])
  return Number(row?.[0] ?? 0)
}

function readStatements(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/;\s*(?:\n|$)/))
    .map((statement) => statement.replace(/^\s*--.*$/gm, '').trim())
    .filter((statement) => statement !== '')
}

/** The files are written as PostgreSQL reads them. MySQL's TEXT ends at 64 KiB, and its names would not know É from e. */
function spelled(statement: string, flavor: SqlServer['flavor']): string {
  if (flavor === 'postgresql') return statement
  const longer = statement.replaceAll(/\bTEXT\b/g, 'MEDIUMTEXT')
  return /^CREATE TABLE/i.test(longer) ? `${longer} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin` : longer
}
