import type { SpecialUse } from '../../../ports/mail-store.ts'
import type { StoreOperations } from '../operations.ts'
import { Change } from './change.ts'
import { addMailbox } from './mailboxes.ts'
import { accountStates, activeAccount } from './owners.ts'
import type { SenderSql } from './senders.ts'
import type { Sql } from './sql.ts'

/** What a new account begins with, subscribed. RFC 6154. */
const firstMailboxes: readonly (readonly [string, SpecialUse | undefined])[] = [
  ['INBOX', undefined],
  ['Archive', '\\Archive'],
  ['Drafts', '\\Drafts'],
  ['Junk', '\\Junk'],
  ['Sent', '\\Sent'],
  ['Trash', '\\Trash'],
]

export function accountOperations(
  sql: Sql,
  senders: SenderSql,
): Pick<StoreOperations, 'putAccount' | 'removeAccount'> {
  return {
    putAccount({ account, quotaBytes, now }) {
      const known = sql.account.get(account)
      if (known) {
        if (known.quota !== quotaBytes) sql.setQuota.run(quotaBytes, account)
        return { answer: undefined, changes: [] }
      }
      // Seconds since 1970 rise faster than anybody makes mailboxes, so a restored backup cannot repeat a UIDVALIDITY.
      sql.insertAccount.run(account, quotaBytes, Math.floor(now / 1000))
      const change = new Change(sql, now)
      for (const [name, specialUse] of firstMailboxes)
        addMailbox(sql, change, { account, name, specialUse, subscribed: true })
      return { answer: undefined, changes: change.finish() }
    },

    removeAccount({ account }) {
      if (!activeAccount(sql, account)) return { answer: undefined, changes: [] }
      const change = new Change(sql, 0)
      // Nobody looks at its mail from here on, not those either with whom it was shared.
      change.mailboxList(account, sql.mailboxIds.all(account))
      sql.setState.run(accountStates.removed, account)
      sql.deleteGrantsTo.run(account)
      senders.removeAll.run(account)
      return { answer: undefined, changes: change.finish() }
    },
  }
}
