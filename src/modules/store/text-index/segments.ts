import type { Database } from '../../../platform/sqlite/database.ts'
import type { WriteBlock } from './block-writer.ts'
import { numberOf } from './dictionary.ts'
import { type Merged, type MergeInput, mergeSegments } from './merge.ts'
import { packAscending } from './postings.ts'
import type { SegmentBuilder } from './segment-builder.ts'
import type { MailSql, SegmentRow, WriteSql } from './write-sql.ts'

/**
 * As soon as an account ends in so many segments with fewer messages than one of these, they become one: a message is written anew
 * once for each size, and a search looks into few segments.
 */
const tiers = [32, 256, 2048, 16_384]
const segmentsOfTier = 8

const dayMs = 24 * 60 * 60 * 1000
/** A segment is written anew for one message that is gone, unless it is large: then for so many of a hundred, or after a week. */
const smallDocs = 4096
const goneShare = 0.02

interface Given {
  readonly db: Database
  readonly sql: WriteSql
  readonly mail: MailSql
  readonly now: () => number
}

/** The segments of all accounts: new ones, merged ones, and those that forget. Each step is one transaction. */
export class Segments {
  readonly #given: Given

  constructor(given: Given) {
    this.#given = given
  }

  /** What was gathered, and how far the account is with it. */
  append(account: number, builder: SegmentBuilder, upTo: number, more: () => void): void {
    const { db, sql } = this.#given
    db.transaction(() => {
      const { emails } = builder
      if (emails.length > 0) this.#insert(account, { emails, blocks: builder.write(this.#blockWriter()) })
      more()
      sql.putProgress.run(account, upTo)
    })()
  }

  #insert(account: number, { emails, blocks }: Merged): void {
    const { sql, now } = this.#given
    const [first, last] = [emails[0] ?? 0, emails.at(-1) ?? 0]
    const counts = JSON.stringify(blocks)
    sql.insertSegment.run(account, first, last, emails.length, counts, now(), packAscending(emails))
  }

  /** Blocks go before the segment, whose number they already bear. */
  #blockWriter(): WriteBlock {
    const { sql } = this.#given
    const id = sql.nextSegment.get() ?? 1
    return ({ dictionary, number, terms, postings }) => {
      sql.insertBlock.run(id, numberOf(dictionary), number, terms, postings)
    }
  }

  /** Whether something was merged, and it is worth asking again. */
  mergeOnce(account: number): boolean {
    const segments = this.#given.sql.segments.all(account)
    for (const tier of tiers) {
      const from = segments.findLastIndex(({ docs }) => docs >= tier) + 1
      if (segments.length - from < segmentsOfTier) continue
      this.#rewrite(account, segments.slice(from))
      return true
    }
    return false
  }

  /** Takes out what is gone from mail.db. */
  *sweep(account: number): Generator<void> {
    const { sql, now } = this.#given
    for (const segment of sql.segments.all(account)) {
      const gone = segment.docs - this.#alive(account, segment).size
      const isDue =
        segment.docs < smallDocs || gone > segment.docs * goneShare || now() - segment.writtenAt > 7 * dayMs
      if (gone > 0 && isDue) this.#rewrite(account, [segment])
      yield
    }
    this.#forgetRest(account)
  }

  removeAccount(account: number): void {
    const { db, sql } = this.#given
    db.transaction(() => {
      for (const { id } of sql.segments.all(account)) this.#remove(id)
      sql.deleteDocumentsOf.run(account)
      sql.deleteUnreadOf.run(account)
      sql.deleteProgress.run(account)
    })()
  }

  #rewrite(account: number, segments: readonly SegmentRow[]): void {
    const { db } = this.#given
    const alive = segments.map((segment) => this.#alive(account, segment))
    const isAlive = (email: number) => alive.some((emails) => emails.has(email))
    db.transaction(() => {
      const inputs = segments.map((segment) => this.#inputOf(segment))
      const merged = mergeSegments(inputs, isAlive, this.#blockWriter())
      for (const segment of segments) this.#remove(segment.id)
      if (merged.emails.length > 0) this.#insert(account, merged)
    })()
  }

  #inputOf({ id, emails }: SegmentRow): MergeInput {
    const { sql } = this.#given
    return { emails, block: (dictionary, number) => sql.block.get(id, numberOf(dictionary), number) }
  }

  #alive(account: number, { first, last }: SegmentRow): Set<number> {
    return new Set(this.#given.mail.alive.all(account, first, last))
  }

  #remove(segment: number): void {
    const { sql } = this.#given
    sql.deleteBlocks.run(segment)
    sql.deleteSegment.run(segment)
  }

  /** Documents and unread messages that are gone. */
  #forgetRest(account: number): void {
    const { db, sql, mail } = this.#given
    const isGone = (email: number) => mail.email.get(account, email) === undefined
    db.transaction(() => {
      for (const email of sql.documentsOf.all(account).filter(isGone)) sql.deleteDocument.run(email)
      for (const email of sql.unreadOf.all(account).filter(isGone)) sql.deleteUnread.run(email)
    })()
  }
}
