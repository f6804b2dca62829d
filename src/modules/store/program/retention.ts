import { storedName } from '../mailbox-name.ts'
import type { StoreOperations } from '../operations.ts'
import type { Sql } from './sql.ts'

/** Nobody watches rules, and they have no counter: what goes by them is told like any expunge. */
export function retentionOperations(sql: Sql): Pick<StoreOperations, 'retain'> {
  return {
    retain({ account, mailbox, days }) {
      const name = storedName(mailbox)
      if (days === undefined) {
        const { changes } = sql.deleteRetention.run(account, name)
        return { answer: { kind: changes > 0 ? 'done' : 'missing' }, changes: [] }
      }
      if (!sql.mailboxByName.get(account, name)) return { answer: { kind: 'missing' }, changes: [] }
      sql.setRetention.run(account, name, days)
      return { answer: { kind: 'done' }, changes: [] }
    },
  }
}
