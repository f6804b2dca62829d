import type {
  AcceptArgs,
  AppendArgs,
  ReplaceArgs,
  StoredBody,
  StoredIndex,
  StoredMessage,
  StoreOperations,
} from '../operations.ts'
import { Change, type MailboxChange } from './change.ts'
import { type NamedFlags, namedFlags, packNamed } from './keywords.ts'
import { insertLeaving } from './leaving.ts'
import { mailboxForDelivery } from './mailboxes.ts'
import type { OutgoingSql } from './outgoing-sql.ts'
import { activeAccount, ownMailbox } from './owners.ts'
import type { Sql } from './sql.ts'

/** Too many keywords are no reason to lose a message: then it has none. */
const noFlags: NamedFlags = { bits: 0, keywords: [] }

export function messageOperations(
  sql: Sql,
  outgoing: OutgoingSql,
): Pick<StoreOperations, 'accept' | 'append' | 'replace'> {
  return {
    accept: (args) => accept(sql, outgoing, args),
    append: (args) => append(sql, args),
    replace: (args) => replace(sql, args),
  }
}

export function accept(
  sql: Sql,
  queue: OutgoingSql,
  { body, copies, outgoing, now }: AcceptArgs,
): ReturnType<StoreOperations['accept']> {
  // The directory and this file cannot change together: an account removed meanwhile is found here.
  if (!copies.every(({ account }) => activeAccount(sql, account)))
    return { answer: { kind: 'away' }, changes: [] }
  const change = new Change(sql, now)
  const bodyId = insertBody(sql, body, copies.length + outgoing.length)
  const placed = copies.map(({ account, mailbox, flags, receivedAt, index }) => {
    const target = change.mailbox(mailboxForDelivery(sql, change, account, mailbox))
    const email = insertEmail(sql, { account, body: bodyId, receivedAt, index })
    const packed = packNamed(sql, namedFlags(flags) ?? noFlags)
    const uid = target.place({ email, flags: packed, size: index.size, received_at: receivedAt })
    return { account, mailbox: target.row.id, uid }
  })
  for (const leaving of outgoing) insertLeaving(queue, bodyId, leaving, now)
  return { answer: { kind: 'accepted', placed }, changes: change.finish() }
}

function append(
  sql: Sql,
  { account, mailbox, messages, now }: AppendArgs,
): ReturnType<StoreOperations['append']> {
  const row = ownMailbox(sql, account, mailbox)
  const state = activeAccount(sql, account)
  if (!row || !state) return { answer: { kind: 'missing' }, changes: [] }
  const bytes = messages.reduce((sum, { index }) => sum + index.size, 0)
  if (state.quota > 0 && state.used + bytes > state.quota)
    return { answer: { kind: 'over-quota' }, changes: [] }
  const change = new Change(sql, now)
  const target = change.mailbox(row)
  const uids = messages.map((message) => placeNew(sql, target, account, message))
  return {
    answer: { kind: 'appended', uidValidity: row.uidvalidity, uids, modSeq: target.modSeq },
    changes: change.finish(),
  }
}

function placeNew(
  sql: Sql,
  target: MailboxChange,
  account: number,
  { body, index, flags, receivedAt }: StoredMessage,
): number {
  const email = insertEmail(sql, { account, body: insertBody(sql, body, 1), receivedAt, index })
  const packed = packNamed(sql, namedFlags(flags) ?? noFlags)
  return target.place({ email, flags: packed, size: index.size, received_at: receivedAt })
}

function replace(
  sql: Sql,
  { account, from, uid, to, message, now }: ReplaceArgs,
): ReturnType<StoreOperations['replace']> {
  const source = ownMailbox(sql, account, from)
  const old = source && sql.placement.get(from, uid)
  const state = activeAccount(sql, account)
  if (!source || !old || !state) return { answer: { kind: 'missing' }, changes: [] }
  const row = ownMailbox(sql, account, to)
  if (!row) return { answer: { kind: 'missing-target' }, changes: [] }
  const more = message.index.size - old.size
  if (state.quota > 0 && more > 0 && state.used + more > state.quota)
    return { answer: { kind: 'over-quota' }, changes: [] }
  const change = new Change(sql, now)
  const target = change.mailbox(row)
  const made = placeNew(sql, target, account, message)
  change.mailbox(source).expunge(old)
  return {
    answer: { kind: 'replaced', uidValidity: row.uidvalidity, uid: made, modSeq: target.modSeq },
    changes: change.finish(),
  }
}

function insertBody(sql: Sql, body: StoredBody, refs: number): number {
  const { size, crc, codec, blob, frames, trace, head, rest } = body
  const { lastInsertRowid } = sql.insertBody.run(
    refs,
    size,
    crc,
    codec,
    blob ?? null,
    frames ?? null,
    trace ?? null,
    head ?? null,
    rest ?? null,
  )
  return Number(lastInsertRowid)
}

interface NewEmail {
  readonly account: number
  readonly body: number
  readonly receivedAt: number
  readonly index: StoredIndex
}

function insertEmail(sql: Sql, { account, body, receivedAt, index }: NewEmail): number {
  const thread = knownThread(sql, account, index.threadKeys)
  const { lastInsertRowid } = sql.insertEmail.run(
    account,
    thread ?? 0,
    body,
    index.size,
    receivedAt,
    index.attachments,
    index.prefix,
    index.envelope,
    index.structure,
    index.basicStructure,
    index.parts,
    index.preview,
    index.subject,
    index.fromText,
    index.toText,
    index.ccText,
    index.bccText,
    index.sentAt ?? null,
    index.sentDay ?? null,
    index.messageId ?? null,
    index.baseSubject,
    index.isReply ? 1 : 0,
    index.sortFrom,
    index.sortTo,
    index.sortCc,
    index.displayFrom,
    index.displayTo,
    index.messageIds,
  )
  const email = Number(lastInsertRowid)
  // A thread bears the number of its first email.
  if (thread === undefined) sql.setThread.run(email, email)
  for (const key of index.threadKeys) sql.insertThreadKey.run(account, key, thread ?? email)
  return email
}

function knownThread(sql: Sql, account: number, keys: readonly number[]): number | undefined {
  let oldest: number | undefined
  for (const key of keys) {
    const thread = sql.threadOf.get(account, key)
    if (thread !== undefined && (oldest === undefined || thread < oldest)) oldest = thread
  }
  return oldest
}
