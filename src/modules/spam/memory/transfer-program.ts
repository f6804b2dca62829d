import type { Database } from '../../../platform/sqlite/database.ts'
import type { CountRow } from './transfer.ts'

/** What the writer thread can do to put other counts in the place of those that are there. */
export function transferOperations(db: Database) {
  const uncounted = {
    shared: db.prepare('UPDATE lesson SET shared = 0 WHERE shared = 1'),
    own: db.prepare('UPDATE lesson SET own = 0 WHERE own = 1 AND account = ?'),
  }
  const removeCounted = db.prepare('DELETE FROM counted WHERE scope = ?')
  // Nobody's, and the filter's own.
  const removeLessons = db.prepare('DELETE FROM lesson WHERE account <= 0')
  const remove = db.prepare(
    'DELETE FROM token WHERE scope = @scope AND token IN (SELECT token FROM token WHERE scope = @scope LIMIT @atMost)',
  )
  const put = db.prepare(
    'INSERT OR REPLACE INTO token (scope, token, ham, spam) VALUES (@scope, @token, @ham, @spam)',
  )
  const putCounted = db.prepare(
    'INSERT OR REPLACE INTO counted (scope, ham, spam) VALUES (@scope, @ham, @spam)',
  )
  return {
    /** What they counted is no longer there to be taken back. */
    detachLessons: ({ scope }: { scope: number }): void => {
      if (scope === 0) {
        removeLessons.run()
        uncounted.shared.run()
      } else uncounted.own.run(scope)
      removeCounted.run(scope)
    },
    dropCounts: (some: { scope: number; atMost: number }): number => remove.run(some).changes,
    putCounts: ({ scope, rows }: { scope: number; rows: readonly CountRow[] }): void => {
      for (const [token, ham, spam] of rows) put.run({ scope, token, ham, spam })
    },
    putCounted: (counted: { scope: number; ham: number; spam: number }): void => {
      putCounted.run(counted)
    },
  }
}
