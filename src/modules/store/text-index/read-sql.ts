import type { Database } from '../../../platform/sqlite/database.ts'

export type IndexSql = ReturnType<typeof prepareIndexSql>

export interface SegmentSummary {
  readonly id: number
  readonly docs: number
  /** `BlockCounts` as JSON. */
  readonly blocks: string
}

/** What searches ask of search.db. The index that serves it is its table's key unless a comment says otherwise. */
export function prepareIndexSql(db: Database) {
  return {
    setup: db.prepare<[string], string>('SELECT value FROM setup WHERE name = ?').pluck(),
    progress: db.prepare<[number], number>('SELECT email FROM progress WHERE account = ?').pluck(),
    // segment_account
    segments: db.prepare<[number], SegmentSummary>(
      'SELECT id, docs, blocks FROM segment WHERE account = ? ORDER BY last',
    ),
    emails: db.prepare<[number], Buffer>('SELECT emails FROM segment WHERE id = ?').pluck(),
    // block_number
    terms: db
      .prepare<[number, number, number, number], Buffer>(
        'SELECT terms FROM block WHERE segment = ? AND dictionary = ? AND number BETWEEN ? AND ? ORDER BY number',
      )
      .pluck(),
    // block_number
    postings: db
      .prepare<[number, number, number], Buffer>(
        'SELECT postings FROM block WHERE segment = ? AND dictionary = ? AND number = ?',
      )
      .pluck(),
    // unread_account
    unread: db.prepare<[number], number>('SELECT email FROM unread WHERE account = ?').pluck(),
    isUnread: db.prepare<[number], number>('SELECT 1 FROM unread WHERE email = ?').pluck(),
    document: db.prepare<[number], Buffer>('SELECT texts FROM document WHERE email = ?').pluck(),
    docs: db.prepare<[], number>('SELECT total(docs) FROM segment').pluck(),
    unreadCount: db.prepare<[], number>('SELECT count(*) FROM unread').pluck(),
  }
}

export type PlaceSql = ReturnType<typeof preparePlaceSql>

/** What searches ask of mail.db. */
export function preparePlaceSql(db: Database) {
  return {
    accounts: db.prepare<[], number>('SELECT id FROM account WHERE state = 0').pluck(),
    messages: db
      .prepare<[number, number], number>('SELECT messages FROM mailbox WHERE id = ? AND account = ?')
      .pluck(),
    // email_account
    emailsAfter: db
      .prepare<[number, number, number], number>(
        'SELECT id FROM email WHERE account = ? AND id > ? ORDER BY id LIMIT ?',
      )
      .pluck(),
    // email_account
    countAfter: db
      .prepare<[number, number], number>('SELECT count(*) FROM email WHERE account = ? AND id > ?')
      .pluck(),
    // email_account
    last: db.prepare<[number], number | null>('SELECT max(id) FROM email WHERE account = ?').pluck(),
    // placement_email
    uids: db
      .prepare<[number, number], number>('SELECT uid FROM placement WHERE email = ? AND mailbox = ?')
      .pluck(),
    placements: db
      .prepare<[number, number, number], readonly [uid: number, email: number]>(
        'SELECT uid, email FROM placement WHERE mailbox = ? AND uid > ? ORDER BY uid LIMIT ?',
      )
      .raw(),
    email: db
      .prepare<[number, number], number>('SELECT email FROM placement WHERE mailbox = ? AND uid = ?')
      .pluck(),
  }
}
