import type { Placed } from '../../../ports/mail-store.ts'
import type {
  AcceptArgs,
  AppendArgs,
  ReplaceArgs,
  StoredDelivery,
  StoredMessage,
  StoreOperations,
} from '../operations.ts'
import { Change, type MailboxChange } from './change.ts'
import { insertBody, insertEmail } from './emails.ts'
import { type NamedFlags, namedFlags, packNamed } from './keywords.ts'
import { insertLeaving } from './leaving.ts'
import { learnFromAppend } from './lessons.ts'
import { mailboxForDelivery } from './mailboxes.ts'
import type { OutgoingSql } from './outgoing-sql.ts'
import { activeAccount, ownMailbox } from './owners.ts'
import { isFirst, keepDecisions, knownKeys, rememberAll } from './remembering.ts'
import type { RuleSql } from './rule-sql.ts'
import type { Sql } from './sql.ts'

/** Too many keywords are no reason to lose a message: then it has none. */
const noFlags: NamedFlags = { bits: 0, keywords: [] }

/** The statements that a delivery needs. */
export interface AcceptSql {
  readonly sql: Sql
  readonly queue: OutgoingSql
  readonly rules: RuleSql
}

export function messageOperations(
  statements: AcceptSql,
): Pick<StoreOperations, 'accept' | 'append' | 'replace'> {
  return {
    accept: (args) => accept(statements, args),
    append: (args) => append(statements, args),
    replace: (args) => replace(statements, args),
  }
}

export function accept(statements: AcceptSql, args: AcceptArgs): ReturnType<StoreOperations['accept']> {
  const { sql, rules } = statements
  const { copies, guards, beside, now } = args
  // The directory and this file cannot change together: an account removed meanwhile is found here.
  if (!copies.every(({ account }) => activeAccount(sql, account)))
    return { answer: { kind: 'away' }, changes: [] }
  const keys = knownKeys(rules, guards, now)
  if (keys.length > 0) return { answer: { kind: 'known', keys }, changes: [] }
  rememberAll(rules, guards)
  keepDecisions(rules, args.decisions, args)
  const change = new Change(sql, now)
  const placed = deliver(statements, change, args, now)
  for (const other of beside) {
    const there = other.copies.filter(({ account }) => activeAccount(sql, account))
    if (isFirst(rules, other.once, now))
      placed.push(...deliver(statements, change, { ...other, copies: there }, now))
  }
  return { answer: { kind: 'accepted', placed }, changes: change.finish() }
}

function deliver(
  { sql, queue }: AcceptSql,
  change: Change,
  { body, copies, outgoing }: StoredDelivery,
  now: number,
): Placed[] {
  if (copies.length + outgoing.length === 0) {
    // A file that nobody gets: the sweep unlinks it.
    if (body.blob !== undefined) sql.insertTombstone.run(body.blob, now)
    return []
  }
  const bodyId = insertBody(sql, body, copies.length + outgoing.length)
  const placed = copies.map(({ account, mailbox, flags, receivedAt, index }) => {
    const target = change.mailbox(mailboxForDelivery(sql, change, account, mailbox))
    const email = insertEmail(sql, { account, body: bodyId, receivedAt, index })
    const packed = packNamed(sql, namedFlags(flags) ?? noFlags)
    const uid = target.place({ email, flags: packed, size: index.size, received_at: receivedAt })
    return { account, mailbox: target.row.id, uid }
  })
  for (const leaving of outgoing) insertLeaving(queue, bodyId, leaving, now)
  return placed
}

function append(
  statements: AcceptSql,
  { account, mailbox, messages, now }: AppendArgs,
): ReturnType<StoreOperations['append']> {
  const { sql } = statements
  const row = ownMailbox(sql, account, mailbox)
  const state = activeAccount(sql, account)
  if (!row || !state) return { answer: { kind: 'missing' }, changes: [] }
  const bytes = messages.reduce((sum, { index }) => sum + index.size, 0)
  if (state.quota > 0 && state.used + bytes > state.quota)
    return { answer: { kind: 'over-quota' }, changes: [] }
  const change = new Change(sql, now)
  const target = change.mailbox(row)
  const uids = messages.map((message) => placeNew(statements, target, message, now))
  return {
    answer: { kind: 'appended', uidValidity: row.uidvalidity, uids, modSeq: target.modSeq },
    changes: change.finish(),
  }
}

function placeNew(
  { sql, rules }: AcceptSql,
  target: MailboxChange,
  { body, index, flags, receivedAt }: StoredMessage,
  now: number,
): number {
  const { account } = target.row
  const email = insertEmail(sql, { account, body: insertBody(sql, body, 1), receivedAt, index })
  const named = namedFlags(flags) ?? noFlags
  learnFromAppend(rules, target.row, named, { account, emails: [email], now })
  const packed = packNamed(sql, named)
  return target.place({ email, flags: packed, size: index.size, received_at: receivedAt })
}

function replace(
  statements: AcceptSql,
  { account, from, uid, to, message, now }: ReplaceArgs,
): ReturnType<StoreOperations['replace']> {
  const { sql } = statements
  const source = ownMailbox(sql, account, from)
  const old = source && sql.placement.get(from, uid)
  if (!source || !old || !activeAccount(sql, account)) return { answer: { kind: 'missing' }, changes: [] }
  const row = ownMailbox(sql, to.owner, to.mailbox)
  const state = activeAccount(sql, to.owner)
  if (!row || !state) return { answer: { kind: 'missing-target' }, changes: [] }
  const more = message.index.size - (to.owner === account ? old.size : 0)
  if (state.quota > 0 && more > 0 && state.used + more > state.quota)
    return { answer: { kind: 'over-quota' }, changes: [] }
  const change = new Change(sql, now)
  const target = change.mailbox(row)
  const made = placeNew(statements, target, message, now)
  change.mailbox(source).expunge(old)
  return {
    answer: { kind: 'replaced', uidValidity: row.uidvalidity, uid: made, modSeq: target.modSeq },
    changes: change.finish(),
  }
}
