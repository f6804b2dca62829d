import type { ListedName } from '../../lib/listed-name.ts'
import type { Database } from '../../platform/sqlite/database.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { SenderLists } from '../../ports/sender-lists.ts'
import { tryLater } from './try-later.ts'
import type { Writing } from './writing.ts'

interface SenderListParts {
  readonly writing: Writing
  readonly db: Database
  readonly clock: Clock
}

/** No account has this number. */
const everybody = 0

interface Row {
  readonly account: AccountId
  readonly sender: ListedName
  readonly wanted: number
}

/** Lists of senders as they lie in mail.db. The index of each query is the table's key. */
export function createSenderLists({ writing, db, clock }: SenderListParts): SenderLists {
  const all = db.prepare<[number], Row>(
    'SELECT account, sender, wanted FROM listed_sender WHERE account = ? ORDER BY sender',
  )
  const some = db.prepare<[string, string], Row>(
    `SELECT account, sender, wanted FROM listed_sender
       WHERE account IN (SELECT value FROM json_each(?)) AND sender IN (SELECT value FROM json_each(?))`,
  )
  return {
    list: async (owner) =>
      all.all(owner ?? everybody).map(({ sender, wanted }) => ({ sender, wanted: wanted === 1 })),
    said: async (names, owners) =>
      some.all(JSON.stringify([everybody, ...owners]), JSON.stringify(names)).map((row) => ({
        owner: row.account === everybody ? undefined : row.account,
        sender: row.sender,
        wanted: row.wanted === 1,
      })),
    async put(owner, sender, wanted) {
      try {
        const at = clock.now()
        return await writing.run('listSender', { account: owner ?? everybody, sender, wanted, at })
      } catch (error) {
        return tryLater(error)
      }
    },
    async remove(owner, sender) {
      try {
        return await writing.run('unlistSender', { account: owner ?? everybody, sender })
      } catch (error) {
        return tryLater(error)
      }
    },
  }
}
