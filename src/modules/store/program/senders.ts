import type { Database } from '../../../platform/sqlite/database.ts'
import type { StoreOperations } from '../operations.ts'

/** Of one owner. */
const mostSenders = 2_000

export type SenderSql = ReturnType<typeof prepareSenderSql>

/** The writer's statements for lists of senders. The index of each is the table's key. */
export function prepareSenderSql(db: Database) {
  return {
    put: db.prepare<unknown[]>(
      `INSERT INTO listed_sender (account, sender, wanted, at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET wanted = excluded.wanted, at = excluded.at`,
    ),
    count: db.prepare<[number], number>('SELECT count(*) FROM listed_sender WHERE account = ?').pluck(),
    remove: db.prepare<[number, string]>('DELETE FROM listed_sender WHERE account = ? AND sender = ?'),
    removeAll: db.prepare<[number]>('DELETE FROM listed_sender WHERE account = ?'),
  }
}

export function senderOperations({
  put,
  count,
  remove,
}: SenderSql): Pick<StoreOperations, 'listSender' | 'unlistSender'> {
  return {
    listSender({ account, sender, wanted, at }) {
      if ((count.get(account) ?? 0) >= mostSenders)
        return { answer: { kind: 'full', most: mostSenders }, changes: [] }
      put.run(account, sender, Number(wanted), at)
      return { answer: { kind: 'put' }, changes: [] }
    },
    unlistSender: ({ account, sender }) => ({
      answer: { kind: remove.run(account, sender).changes > 0 ? 'removed' : 'missing' },
      changes: [],
    }),
  }
}
