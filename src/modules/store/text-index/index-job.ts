import { zstdCompressSync } from 'node:zlib'
import { documentTexts } from '../../../lib/documents/document-texts.ts'
import { unpackParts } from '../../../lib/mime/sections.ts'
import type { ReadOctets } from '../../../lib/search/message-texts.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { Database } from '../../../platform/sqlite/database.ts'
import type { Blobs } from '../blobs.ts'
import { readPlaced } from '../bodies.ts'
import { type IndexMake, isSweepDue } from './index-file.ts'
import { messageTerms } from './message-terms.ts'
import { SegmentBuilder } from './segment-builder.ts'
import { Segments } from './segments.ts'
import {
  type EmailColumns,
  type EmailStamp,
  type MailSql,
  prepareMailSql,
  prepareWriteSql,
  type WriteSql,
} from './write-sql.ts'

/** Messages of one account in one go: then it is the turn of the next, so that a giant mailbox keeps nobody waiting. */
const messagesPerTurn = 2000
/** Or so much in memory: some 30 MiB. */
const mostWeight = 150_000
const rowsAtOnce = 200
/** Smaller messages are read as a whole. */
const smallOctets = 1024 * 1024

export interface IndexJobParts {
  /** Of mail.db, to read. */
  readonly mail: Database
  /** Of search.db, to write. */
  readonly search: Database
  readonly blobs: Blobs
  readonly make: IndexMake
  /** Hears which message is being read, 0 for none: if it is never heard of again, it is that one. */
  readonly onMessage: (email: number) => void
  readonly onWaiting: (messages: number) => void
  readonly onIndexed: (messages: number) => void
  /** Messages that ended a thread before: nothing is made of them. */
  readonly skip: ReadonlySet<number>
}

/** What goes into search.db together. */
interface Batch {
  readonly builder: SegmentBuilder
  readonly documents: Map<number, readonly string[]>
  readonly unread: number[]
}

/** The messages of mail.db are others than those that were indexed. */
export class OtherMail extends Error {}

/** Brings the index to where the mail is. One thread does it at a time. */
export class IndexJob {
  readonly #parts: IndexJobParts
  readonly #sql: WriteSql
  readonly #mail: MailSql
  readonly #segments: Segments
  #now = 0

  constructor(parts: IndexJobParts) {
    this.#parts = parts
    this.#sql = prepareWriteSql(parts.search)
    this.#mail = prepareMailSql(parts.mail)
    this.#segments = new Segments({
      db: parts.search,
      sql: this.#sql,
      mail: this.#mail,
      now: () => this.#now,
    })
    if (!this.#isSameMail()) throw new OtherMail()
  }

  /** Everything that waits, account by account in turns; then what is gone is taken out, once a day. */
  async run(now: number): Promise<void> {
    this.#now = now
    this.#forgetAccounts()
    for (let open = this.#waiting(); open.length > 0; open = this.#waiting()) {
      for (const account of open) await this.#indexSome(account)
    }
    await this.#sweepIfDue()
    const newest = this.#mail.newest.get()
    if (newest) this.#sql.putSetup.run('newest', JSON.stringify(newest))
    // Merging leaves pages behind, and a log as long as the file.
    this.#parts.search.pragma('incremental_vacuum')
    this.#parts.search.pragma('wal_checkpoint(TRUNCATE)')
  }

  /** What is inside the documents of one message, for somebody who waits for it. */
  async documents(account: number, email: number): Promise<readonly string[]> {
    const row = this.#mail.email.get(account, email)
    if (!row || !this.#parts.make.documents) return []
    return await documentTexts(unpackParts(row.parts), await this.#reader(row))
  }

  /** Somebody may have put an older mail.db in its place, which gives the same numbers to other messages. */
  #isSameMail(): boolean {
    if ((this.#sql.highest.get() ?? 0) > (this.#mail.highest.get() ?? 0)) return false
    const newest = JSON.parse(this.#sql.setup.get('newest') ?? '{}') as Partial<EmailStamp>
    const now = this.#mail.stamp.get(newest.id ?? 0)
    return !now || (now.size === newest.size && now.receivedAt === newest.receivedAt)
  }

  #waiting(): number[] {
    const accounts = this.#mail.activeAccounts.all()
    const open = accounts.map((account) => ({ account, count: this.#countOf(account) })).filter(hasSome)
    this.#parts.onWaiting(open.reduce((sum, { count }) => sum + count, 0))
    return open.sort((a, b) => a.count - b.count).map(({ account }) => account)
  }

  #countOf(account: number): number {
    return this.#mail.countAfter.get(account, this.#sql.progress.get(account) ?? 0) ?? 0
  }

  async #indexSome(account: number): Promise<void> {
    const { onMessage, onIndexed } = this.#parts
    const batch: Batch = { builder: new SegmentBuilder(), documents: new Map(), unread: [] }
    let upTo = this.#sql.progress.get(account) ?? 0
    let seen = 0
    for (const row of this.#newEmails(account, upTo)) {
      onMessage(row.id)
      await this.#indexOne(row, batch)
      upTo = row.id
      seen++
      // Those who wait for a document have their turn.
      await nextTurn()
      if (batch.builder.weight >= mostWeight) break
    }
    onMessage(0)
    this.#segments.append(account, batch.builder, upTo, () => this.#keepBeside(account, batch))
    onIndexed(seen)
    while (this.#segments.mergeOnce(account)) await nextTurn()
  }

  /** The next ones; no statement stays open between two of them. */
  *#newEmails(account: number, from: number): Generator<EmailColumns> {
    let after = from
    for (let count = 0; count < messagesPerTurn; count += rowsAtOnce) {
      const rows = this.#mail.emailsAfter.all(account, after, rowsAtOnce)
      yield* rows
      if (rows.length < rowsAtOnce) return
      after = rows.at(-1)?.id ?? after
    }
  }

  async #indexOne(row: EmailColumns, { builder, documents, unread }: Batch): Promise<void> {
    const { make, skip } = this.#parts
    if (skip.has(row.id)) {
      unread.push(row.id)
      return
    }
    const parts = unpackParts(row.parts)
    const read = await this.#reader(row)
    const inside = make.documents ? await documentTexts(parts, read) : []
    const terms = await messageTerms(parts, read, inside)
    if (inside.length > 0) documents.set(row.id, inside)
    if (terms === 'too-many') unread.push(row.id)
    else builder.add(row.id, terms)
  }

  #keepBeside(account: number, { documents, unread }: Batch): void {
    for (const [email, texts] of documents) {
      this.#sql.putDocument.run(email, account, zstdCompressSync(JSON.stringify(texts)))
    }
    for (const email of unread) this.#sql.putUnread.run(email, account)
  }

  async #reader({ id, size }: EmailColumns): Promise<ReadOctets> {
    const { blobs } = this.#parts
    const octets = async (range?: { from: number; to: number }) => {
      const place = this.#mail.place.get(id)
      return place && (await readPlaced(blobs, place, () => this.#mail.whole.get(id), range))
    }
    if (size > smallOctets) return (from, to) => octets({ from, to })
    const whole = await octets()
    return async (from, to) => whole?.subarray(from, to)
  }

  #forgetAccounts(): void {
    const active = new Set(this.#mail.activeAccounts.all())
    for (const account of this.#sql.accounts.all()) {
      if (!active.has(account)) this.#segments.removeAccount(account)
    }
  }

  async #sweepIfDue(): Promise<void> {
    if (!isSweepDue(this.#sql.setup.get('swept-at'), this.#now)) return
    for (const account of this.#sql.accounts.all()) {
      for (const _ of this.#segments.sweep(account)) await nextTurn()
    }
    this.#sql.putSetup.run('swept-at', String(this.#now))
  }
}

function hasSome({ count }: { count: number }): boolean {
  return count > 0
}
