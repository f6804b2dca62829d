import type { AccountId } from '../../ports/accounts.ts'
import type { Grant, MailShares, SharedMailbox } from '../../ports/mail-shares.ts'
import { mailboxOf } from './mail-reader.ts'
import type { GrantColumns, ReadSql } from './read-sql.ts'
import type { Writing } from './writing.ts'

/** In the column: everybody who has an account. */
const anyone = 0

export function createMailShares({
  sql,
  writing,
}: {
  readonly sql: ReadSql
  readonly writing: Writing
}): MailShares {
  return {
    grants: async (owner, mailbox) => sql.grants.all(owner, mailbox).map(grantOf),
    sharers: async (account) => sql.sharers.all(account, account) as AccountId[],
    sharedWith: async (account, owner) => {
      if (account === owner) return []
      const shared = new Map<number, SharedMailbox & { grants: Grant[] }>()
      for (const [grantee, negative, rights, ...columns] of sql.sharedWith.all(account, owner)) {
        const mailbox = mailboxOf(columns)
        const known = shared.get(mailbox.id) ?? { owner, mailbox, grants: [] }
        known.grants.push(grantOf([grantee, negative, rights]))
        shared.set(mailbox.id, known)
      }
      return [...shared.values()]
    },
    grant: (owner, mailbox, { grantee, negative }, change) =>
      writing.attempt('grant', {
        owner,
        mailbox,
        grantee: grantee === 'anyone' ? anyone : grantee,
        negative,
        change,
      }),
  }
}

function grantOf([grantee, negative, rights]: GrantColumns): Grant {
  return {
    grantee: grantee === anyone ? 'anyone' : (grantee as AccountId),
    negative: negative === 1,
    rights,
  }
}
