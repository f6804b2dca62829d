import type { Database } from '../../../platform/sqlite/database.ts'
import { createAcquaintanceProgram, type KeptPrint, type Regard } from './acquaintance-program.ts'
import { greylistOperations } from './greylist-program.ts'
import { historyOperations } from './history-program.ts'
import { retrainingOperations } from './retraining-list.ts'
import { transferOperations } from './transfer-program.ts'

/** What is counted in or out of one scope. */
export interface Counting {
  readonly scope: number
  readonly spam: boolean
  readonly by: 1 | -1
  readonly tokens: Int32Array
}

export interface LessonChange {
  readonly countings: readonly Counting[]
  readonly forget: readonly { readonly account: number; readonly digest: Uint8Array }[]
  readonly add: LessonRow | undefined
  readonly regards: readonly Regard[]
  readonly prints: readonly KeptPrint[]
}

export interface LessonRow {
  readonly account: number
  readonly digest: Uint8Array
  readonly spam: number
  readonly shared: number
  readonly own: number
  readonly tokens: Uint8Array
  readonly at: number
  /** Whose message it was. */
  readonly subjects: Uint8Array
}

/** What the writer thread can do to spam.db. */
export function createProgram(db: Database) {
  const count = db.prepare(
    `INSERT INTO counted (scope, ham, spam) VALUES (@scope, max(@ham, 0), max(@spam, 0))
       ON CONFLICT DO UPDATE SET ham = max(ham + @ham, 0), spam = max(spam + @spam, 0)`,
  )
  const countToken = db.prepare(
    `INSERT INTO token (scope, token, ham, spam) VALUES (@scope, @token, max(@ham, 0), max(@spam, 0))
       ON CONFLICT DO UPDATE SET ham = max(ham + @ham, 0), spam = max(spam + @spam, 0)`,
  )
  const forget = db.prepare('DELETE FROM lesson WHERE account = ? AND digest = ?')
  const add = db.prepare(
    `INSERT INTO lesson (account, digest, spam, shared, own, tokens, at, subjects)
       VALUES (@account, @digest, @spam, @shared, @own, @tokens, @at, @subjects)`,
  )
  const removeScope = ['counted', 'token'].map((table) => db.prepare(`DELETE FROM ${table} WHERE scope = ?`))
  const removeLessons = db.prepare('DELETE FROM lesson WHERE account = ?')
  const expire = db.prepare(
    'DELETE FROM lesson WHERE (account, digest) IN (SELECT account, digest FROM lesson WHERE at < ? AND account >= 0 LIMIT ?)',
  )
  const dropSeldom = db.prepare('DELETE FROM token WHERE ham = 0 AND spam = 0')
  const { regards, keepPrints, dropPrints, forgetAccount, ...acquaintance } = createAcquaintanceProgram(db)
  return {
    ...acquaintance,
    ...greylistOperations(db),
    ...historyOperations(db),
    ...retrainingOperations(db),
    ...transferOperations(db),
    learn: ({ countings, forget: gone, add: added, ...change }: LessonChange): void => {
      for (const { account, digest } of gone) {
        forget.run(account, digest)
        dropPrints(account, digest)
      }
      for (const { scope, spam, by, tokens } of countings) {
        const change = { scope, ham: spam ? 0 : by, spam: spam ? by : 0 }
        count.run(change)
        for (const token of tokens) countToken.run({ ...change, token })
      }
      if (added) add.run(added)
      regards(change.regards)
      keepPrints(change.prints)
    },
    /** The account is gone. What it taught everybody stays counted, and cannot be taken back any more. */
    forgetAccount: ({ account }: { account: number }): void => {
      for (const statement of removeScope) statement.run(account)
      removeLessons.run(account)
      forgetAccount(account)
    },
    sweep: ({ before, atMost }: { before: number; atMost: number }): void => {
      expire.run(before, atMost)
      dropSeldom.run()
    },
  }
}
