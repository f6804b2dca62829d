import type { Database } from '../../../platform/sqlite/database.ts'
import type { WriterFile } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'

/** Whose folders are still to be learned from. */
export class RetrainingList {
  readonly #db: Database
  readonly #file: Pick<WriterFile, 'call'>

  constructor(db: Database, file: Pick<WriterFile, 'call'>) {
    this.#db = db
    this.#file = file
  }

  next(): AccountId | undefined {
    const found = this.#db.prepare('SELECT account FROM retraining LIMIT 1').pluck().get()
    return found as AccountId | undefined
  }

  count(): number {
    return Number(this.#db.prepare('SELECT count(*) FROM retraining').pluck().get())
  }

  add(accounts: readonly AccountId[]): Promise<void> {
    return this.#file.call('addRetraining', { accounts })
  }

  remove(account: AccountId): Promise<void> {
    return this.#file.call('removeRetraining', { account })
  }
}

/** What the writer thread can do to the list. */
export function retrainingOperations(db: Database) {
  const add = db.prepare('INSERT OR IGNORE INTO retraining (account) VALUES (?)')
  const remove = db.prepare('DELETE FROM retraining WHERE account = ?')
  return {
    addRetraining: ({ accounts }: { accounts: readonly number[] }): void => {
      for (const account of accounts) add.run(account)
    },
    removeRetraining: ({ account }: { account: number }): void => {
      remove.run(account)
    },
  }
}
