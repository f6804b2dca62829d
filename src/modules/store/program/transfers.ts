import { flagBits } from '../../../lib/flags.ts'
import type { Uid } from '../../../ports/mail-store.ts'
import type { CopyArgs, ExpungeArgs, RemoveArgs, StoreOperations } from '../operations.ts'
import { Change } from './change.ts'
import { copyEmail } from './emails.ts'
import { inScope } from './keywords.ts'
import { learnFromTransfer } from './lessons.ts'
import { activeAccount, ownMailbox } from './owners.ts'
import { everyPlacement, namedPlacements } from './placements.ts'
import type { RuleSql } from './rule-sql.ts'
import type { MailboxRow, PlacementRow, Sql } from './sql.ts'

/** What takes messages from one mailbox to another, or out. Bodies and emails stay where they are. */
export function transferOperations(
  sql: Sql,
  rules: RuleSql,
): Pick<StoreOperations, 'copy' | 'move' | 'expunge' | 'remove'> {
  return {
    copy: (args) => transfer({ sql, rules }, args, 'copy'),
    move: (args) => transfer({ sql, rules }, args, 'move'),
    expunge: (args) => expunge(sql, args),
    remove: (args) => remove(sql, args),
  }
}

interface TransferSql {
  readonly sql: Sql
  readonly rules: RuleSql
}

function transfer(
  { sql, rules }: TransferSql,
  args: CopyArgs,
  mode: 'copy' | 'move',
): ReturnType<StoreOperations['copy']> {
  const { owner, mailbox, scope } = args.to
  const from = ownMailbox(sql, args.account, args.from)
  if (!from) return { answer: { kind: 'missing' }, changes: [] }
  const to = ownMailbox(sql, owner, mailbox)
  if (!to) return { answer: { kind: 'missing-target' }, changes: [] }
  const across = owner !== args.account
  // Read as a whole first: the target may be the source.
  const placements = [...namedPlacements(sql, from.id, args.uids)]
  if ((across || mode === 'copy') && !roomFor(sql, owner, placements))
    return { answer: { kind: 'over-quota' }, changes: [] }
  const change = new Change(sql, args.now)
  const uids: Uid[] = []
  for (const placement of placements) {
    const email = across ? copyEmail(sql, placement.email, owner) : placement.email
    const flags = inScope(scope, 0, placement.flags)
    uids.push(change.mailbox(to).place({ ...placement, email, flags }))
    if (mode === 'move') change.mailbox(from).expunge(placement)
  }
  const { account, now } = args
  // What others put where does not teach the owner's filter.
  if (!across)
    learnFromTransfer(rules, from, to, { account, emails: placements.map(({ email }) => email), now })
  return {
    answer: { kind: 'copied', uidValidity: to.uidvalidity, from: placements.map(({ uid }) => uid), to: uids },
    changes: change.finish(),
  }
}

function roomFor(sql: Sql, account: number, placements: readonly PlacementRow[]): boolean {
  const state = activeAccount(sql, account)
  if (!state) return false
  const bytes = placements.reduce((sum, { size }) => sum + size, 0)
  return state.quota === 0 || state.used + bytes <= state.quota
}

function expunge(
  sql: Sql,
  { account, mailbox, uids, now }: ExpungeArgs,
): ReturnType<StoreOperations['expunge']> {
  const row = ownMailbox(sql, account, mailbox)
  if (!row) return { answer: { kind: 'missing' }, changes: [] }
  const asked = uids ? namedPlacements(sql, mailbox, uids) : everyPlacement(sql, mailbox)
  const marked = [...asked].filter(({ flags }) => (flags & flagBits['\\Deleted']) !== 0)
  return takeOut(sql, row, marked, now)
}

function remove(
  sql: Sql,
  { account, mailbox, uids, now }: RemoveArgs,
): ReturnType<StoreOperations['remove']> {
  const row = ownMailbox(sql, account, mailbox)
  if (!row) return { answer: { kind: 'missing' }, changes: [] }
  return takeOut(sql, row, [...namedPlacements(sql, mailbox, uids)], now)
}

function takeOut(
  sql: Sql,
  row: MailboxRow,
  placements: readonly PlacementRow[],
  now: number,
): ReturnType<StoreOperations['remove']> {
  const change = new Change(sql, now)
  for (const placement of placements) change.mailbox(row).expunge(placement)
  const gone = placements.map(({ uid }) => uid)
  const changes = change.finish()
  const modSeq = changes[0]?.modSeq ?? sql.account.get(row.account)?.modseq ?? 0
  return { answer: { kind: 'expunged', uids: gone, modSeq }, changes }
}
