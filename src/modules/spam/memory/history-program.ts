import type { Database } from '../../../platform/sqlite/database.ts'

export interface JudgedRow {
  readonly id: string
  readonly at: number
  readonly ip: string
  readonly sender: string
  readonly recipients: string
  readonly author: string
  readonly subject: string
  readonly size: number
  readonly judgement: string
  readonly checks: string | null
  readonly client: string | null
}

/** About 1.5 KiB each. */
const mostRows = 50_000

/** What the writer thread can do to the history. */
export function historyOperations(db: Database) {
  const add = db.prepare(
    `INSERT INTO judged (id, at, ip, sender, recipients, author, subject, size, judgement, checks, client)
       VALUES (@id, @at, @ip, @sender, @recipients, @author, @subject, @size, @judgement, @checks, @client)`,
  )
  const removeOld = db.prepare('DELETE FROM judged WHERE number <= ?')
  const expire = db.prepare('DELETE FROM judged WHERE at < ?')
  return {
    keepJudged: ({ rows }: { rows: readonly JudgedRow[] }): void => {
      let last = 0
      for (const row of rows) last = Number(add.run(row).lastInsertRowid)
      removeOld.run(last - mostRows)
    },
    sweepJudged: ({ before }: { before: number }): void => {
      expire.run(before)
    },
  }
}
