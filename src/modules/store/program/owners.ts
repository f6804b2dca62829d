import type { AccountRow, MailboxRow, Sql } from './sql.ts'

export const accountStates = { active: 0, removed: 1, swept: 2 } as const

export function activeAccount(sql: Sql, account: number): AccountRow | undefined {
  const row = sql.account.get(account)
  return row?.state === accountStates.active ? row : undefined
}

/** The mailbox, where it is this account's. */
export function ownMailbox(sql: Sql, account: number, mailbox: number): MailboxRow | undefined {
  const row = sql.mailbox.get(mailbox)
  return row?.account === account ? row : undefined
}
