import type { Database } from '../../../platform/sqlite/database.ts'
import type { BodyColumns } from '../read-sql.ts'

export type WriteSql = ReturnType<typeof prepareWriteSql>

export interface SegmentRow {
  readonly id: number
  readonly account: number
  readonly first: number
  readonly last: number
  readonly docs: number
  readonly writtenAt: number
  readonly emails: Uint8Array
}

const segmentColumns = 'id, account, first, last, docs, written_at AS writtenAt, emails'

/** Every statement of the thread that indexes, on search.db. The index that serves it is its table's key unless a comment says otherwise. */
export function prepareWriteSql(db: Database) {
  return {
    setup: db.prepare<[string], string>('SELECT value FROM setup WHERE name = ?').pluck(),
    putSetup: db.prepare<[string, string]>('INSERT OR REPLACE INTO setup (name, value) VALUES (?, ?)'),
    accounts: db.prepare<[], number>('SELECT account FROM progress').pluck(),
    progress: db.prepare<[number], number>('SELECT email FROM progress WHERE account = ?').pluck(),
    putProgress: db.prepare<[number, number]>(
      'INSERT OR REPLACE INTO progress (account, email) VALUES (?, ?)',
    ),
    deleteProgress: db.prepare<[number]>('DELETE FROM progress WHERE account = ?'),

    // segment_account
    segments: db.prepare<[number], SegmentRow>(
      `SELECT ${segmentColumns} FROM segment WHERE account = ? ORDER BY last`,
    ),
    /** What AUTOINCREMENT gives next: blocks are written before the row that counts them. */
    nextSegment: db.prepare<[], number>("SELECT seq + 1 FROM sqlite_sequence WHERE name = 'segment'").pluck(),
    insertSegment: db.prepare<[number, number, number, number, string, number, Uint8Array]>(
      'INSERT INTO segment (account, first, last, docs, blocks, written_at, emails) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    deleteSegment: db.prepare<[number]>('DELETE FROM segment WHERE id = ?'),
    // block_number
    block: db.prepare<[number, number, number], { terms: Buffer; postings: Buffer }>(
      'SELECT terms, postings FROM block WHERE segment = ? AND dictionary = ? AND number = ?',
    ),
    insertBlock: db.prepare<[number, number, number, Uint8Array, Uint8Array]>(
      'INSERT INTO block (segment, dictionary, number, terms, postings) VALUES (?, ?, ?, ?, ?)',
    ),
    deleteBlocks: db.prepare<[number]>('DELETE FROM block WHERE segment = ?'),

    putDocument: db.prepare<[number, number, Uint8Array]>(
      'INSERT OR REPLACE INTO document (email, account, texts) VALUES (?, ?, ?)',
    ),
    putUnread: db.prepare<[number, number]>('INSERT OR REPLACE INTO unread (email, account) VALUES (?, ?)'),
    // document_account
    documentsOf: db.prepare<[number], number>('SELECT email FROM document WHERE account = ?').pluck(),
    // unread_account
    unreadOf: db.prepare<[number], number>('SELECT email FROM unread WHERE account = ?').pluck(),
    deleteDocument: db.prepare<[number]>('DELETE FROM document WHERE email = ?'),
    deleteUnread: db.prepare<[number]>('DELETE FROM unread WHERE email = ?'),
    // document_account
    deleteDocumentsOf: db.prepare<[number]>('DELETE FROM document WHERE account = ?'),
    // unread_account
    deleteUnreadOf: db.prepare<[number]>('DELETE FROM unread WHERE account = ?'),
    highest: db
      .prepare<[], number>(
        'SELECT max(coalesce((SELECT max(last) FROM segment), 0), coalesce((SELECT max(email) FROM progress), 0))',
      )
      .pluck(),
  }
}

export type MailSql = ReturnType<typeof prepareMailSql>

export interface EmailColumns {
  readonly id: number
  readonly size: number
  readonly parts: string
}

/** By which an email is known again, should its number be used a second time. */
export interface EmailStamp {
  readonly id: number
  readonly receivedAt: number
  readonly size: number
}

/** What the thread that indexes asks of mail.db. */
export function prepareMailSql(db: Database) {
  return {
    activeAccounts: db.prepare<[], number>('SELECT id FROM account WHERE state = 0').pluck(),
    // email_account
    emailsAfter: db.prepare<[number, number, number], EmailColumns>(
      'SELECT id, size, parts FROM email WHERE account = ? AND id > ? ORDER BY id LIMIT ?',
    ),
    email: db.prepare<[number, number], EmailColumns>(
      'SELECT id, size, parts FROM email WHERE account = ? AND id = ?',
    ),
    // email_account
    countAfter: db
      .prepare<[number, number], number>('SELECT count(*) FROM email WHERE account = ? AND id > ?')
      .pluck(),
    // email_account
    alive: db
      .prepare<[number, number, number], number>(
        'SELECT id FROM email WHERE account = ? AND id BETWEEN ? AND ?',
      )
      .pluck(),
    /** The highest id there ever was: a mail.db that was put back has a lower one. */
    highest: db.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'email'").pluck(),
    newest: db.prepare<[], EmailStamp>(
      'SELECT id, received_at AS receivedAt, size FROM email ORDER BY id DESC LIMIT 1',
    ),
    stamp: db.prepare<[number], EmailStamp>(
      'SELECT id, received_at AS receivedAt, size FROM email WHERE id = ?',
    ),
    // Without `rest`: the header of a long message is read without the pages behind it.
    place: db.prepare<[number], BodyColumns>(bodySelect('NULL')).raw(),
    whole: db.prepare<[number], BodyColumns>(bodySelect('b.rest')).raw(),
  }
}

function bodySelect(rest: 'b.rest' | 'NULL'): string {
  return `SELECT e.id, e.prefix, b.size, b.codec, b.blob, b.frames, b.head, ${rest}
    FROM email e JOIN body b ON b.id = e.body WHERE e.id = ?`
}
