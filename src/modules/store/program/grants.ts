import type { GrantArgs, StoreOperations } from '../operations.ts'
import { Change } from './change.ts'
import { activeAccount, ownMailbox } from './owners.ts'
import type { Sql } from './sql.ts'

/** In one mailbox. */
const mostGrants = 1_000
const letters = 'lrswipkxtea'

export function grantOperations(sql: Sql): Pick<StoreOperations, 'grant'> {
  return { grant: (args) => grant(sql, args) }
}

/** Told as a change of the mailboxes of both, so that who may look, and who may no longer, is found out at once. */
function grant(
  sql: Sql,
  { owner, mailbox, grantee, negative, change: { mode, rights } }: GrantArgs,
): ReturnType<StoreOperations['grant']> {
  if (!ownMailbox(sql, owner, mailbox)) return { answer: { kind: 'missing' }, changes: [] }
  const key = [owner, mailbox, grantee, negative ? 1 : 0] as const
  const before = sql.grant.get(...key)
  const after = changed(mode, before ?? '', rights)
  if (after === (before ?? '')) return { answer: { kind: 'done' }, changes: [] }
  if (before === undefined && (sql.grantCount.get(owner, mailbox) ?? 0) >= mostGrants)
    return { answer: { kind: 'too-many' }, changes: [] }
  if (after === '') sql.deleteGrant.run(...key)
  else sql.putGrant.run(...key, after)
  const change = new Change(sql, 0)
  change.mailboxList(owner)
  if (activeAccount(sql, grantee)) change.mailboxList(grantee)
  return { answer: { kind: 'done' }, changes: change.finish() }
}

function changed(mode: GrantArgs['change']['mode'], before: string, rights: string): string {
  const stays = (letter: string): boolean => {
    switch (mode) {
      case 'replace':
        return rights.includes(letter)
      case 'add':
        return before.includes(letter) || rights.includes(letter)
      case 'remove':
        return before.includes(letter) && !rights.includes(letter)
    }
  }
  return letters.split('').filter(stays).join('')
}
