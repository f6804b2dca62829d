import { threadKeysOfHeader } from '../message-ids.ts'
import type { StoredBody, StoredIndex } from '../operations.ts'
import type { Sql } from './sql.ts'

export function insertBody(sql: Sql, body: StoredBody, refs: number): number {
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

export function insertEmail(sql: Sql, { account, body, receivedAt, index }: NewEmail): number {
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
    index.listFields ?? null,
  )
  const email = Number(lastInsertRowid)
  joinThread(sql, { account, email, thread, keys: index.threadKeys })
  return email
}

/** The same message as another account has it: the body is shared, threads and ids are each account's own. */
export function copyEmail(sql: Sql, original: number, account: number): number {
  const source = sql.bodyOfEmail.get(original)
  if (!source) throw new Error(`no email ${original}`)
  // A header too long to be kept apart is not read for this.
  const keys = source.head ? threadKeysOfHeader(source.head) : []
  const thread = knownThread(sql, account, keys)
  sql.addBodyRef.run(source.body)
  const email = Number(sql.copyEmail.run(account, thread ?? 0, original).lastInsertRowid)
  joinThread(sql, { account, email, thread, keys })
  return email
}

interface Joining {
  readonly account: number
  readonly email: number
  readonly thread: number | undefined
  readonly keys: readonly number[]
}

function joinThread(sql: Sql, { account, email, thread, keys }: Joining): void {
  // A thread bears the number of its first email.
  if (thread === undefined) sql.setThread.run(email, email)
  for (const key of keys) sql.insertThreadKey.run(account, key, thread ?? email)
}

function knownThread(sql: Sql, account: number, keys: readonly number[]): number | undefined {
  let oldest: number | undefined
  for (const key of keys) {
    const thread = sql.threadOf.get(account, key)
    if (thread !== undefined && (oldest === undefined || thread < oldest)) oldest = thread
  }
  return oldest
}
