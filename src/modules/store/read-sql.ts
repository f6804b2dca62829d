import type { Database } from '../../platform/sqlite/database.ts'
import type { RowField } from '../../ports/mail-store.ts'

export type ReadSql = ReturnType<typeof prepareReadSql>

export type MailboxColumns = readonly [
  id: number,
  name: string,
  uidvalidity: number,
  uidnext: number,
  modseq: number,
  messages: number,
  unseen: number,
  deleted: number,
  bytes: number,
  subscribed: number,
  specialUse: string | null,
]

export type GrantColumns = readonly [grantee: number, negative: number, rights: string]

export type PlacementColumns = readonly [uid: number, flags: number, modseq: number]

export type BodyColumns = readonly [
  uid: number,
  prefix: string,
  bodySize: number,
  codec: number,
  blob: string | null,
  frames: Uint8Array | null,
  head: Uint8Array | null,
  rest: Uint8Array | null,
]

interface DecisionRow {
  readonly id: number
  readonly at: number
  readonly arrival: string
  readonly sender: string
  readonly recipient: string
  readonly steps: string
}

/** All octets of a message; null where they are in a file or compressed. */
export type WholeColumns = readonly [uid: number, bytes: Uint8Array | null]

const mailboxColumns = `m.id, m.name, m.uidvalidity, m.uidnext, m.modseq, m.messages, m.unseen, m.deleted, m.bytes,
  EXISTS (SELECT 1 FROM subscription s WHERE s.account = m.account AND s.name = m.name), m.special_use`

/** Every statement of the readers. The index that serves it is its table's key unless a comment says otherwise. */
export function prepareReadSql(db: Database) {
  return {
    // mailbox_name
    mailboxes: db
      .prepare<[number], MailboxColumns>(
        `SELECT ${mailboxColumns} FROM mailbox m WHERE m.account = ? ORDER BY m.name`,
      )
      .raw(),
    // mailbox_name
    mailboxByName: db
      .prepare<[number, string], MailboxColumns>(
        `SELECT ${mailboxColumns} FROM mailbox m WHERE m.account = ? AND m.name = ?`,
      )
      .raw(),
    mailboxById: db
      .prepare<[number, number], MailboxColumns>(
        `SELECT ${mailboxColumns} FROM mailbox m WHERE m.id = ? AND m.account = ?`,
      )
      .raw(),
    subscriptions: db
      .prepare<[number], string>('SELECT name FROM subscription WHERE account = ? ORDER BY name')
      .pluck(),
    annotations: db
      .prepare<[number, number], readonly [name: string, value: Uint8Array]>(
        'SELECT name, value FROM annotation WHERE account = ? AND mailbox = ? ORDER BY name',
      )
      .raw(),
    // decision_account
    decisions: db.prepare<[number, number, number], DecisionRow>(
      `SELECT id, at, arrival, sender, recipient, steps FROM decision
         WHERE account = ? AND id < ? ORDER BY id DESC LIMIT ?`,
    ),
    usage: db
      .prepare<[number], [number, number, number, number, number]>(
        'SELECT quota, used, messages, state, modseq FROM account WHERE id = ?',
      )
      .raw(),
    keywords: db.prepare<[number], string>('SELECT names FROM keyword_set WHERE id = ?').pluck(),
    logFloor: db
      .prepare<[number, number], [number, number]>(
        'SELECT log_floor, modseq FROM mailbox WHERE id = ? AND account = ?',
      )
      .raw(),
    expungedAfter: db
      .prepare<[number, number, number, number], [number, number]>(
        'SELECT modseq, uid FROM expunged WHERE mailbox = ? AND (modseq, uid) > (?, ?) ORDER BY modseq, uid LIMIT ?',
      )
      .raw(),
    placements: db
      .prepare<[number, number, number], PlacementColumns>(
        'SELECT uid, flags, modseq FROM placement WHERE mailbox = ? AND uid >= ? ORDER BY uid LIMIT ?',
      )
      .raw(),
    owner: db.prepare<[number], number>('SELECT account FROM mailbox WHERE id = ?').pluck(),
    ...prepareShareSql(db),
    ...prepareOctetSql(db),
  }
}

function prepareShareSql(db: Database) {
  return {
    grants: db
      .prepare<[number, number], GrantColumns>(
        `SELECT grantee, negative, rights FROM mailbox_grant WHERE account = ? AND mailbox = ?
          ORDER BY grantee, negative`,
      )
      .raw(),
    // mailbox_grant_grantee, which holds the account too
    sharers: db
      .prepare<[number, number], number>(
        `SELECT DISTINCT g.account FROM mailbox_grant g JOIN account a ON a.id = g.account AND a.state = 0
          WHERE g.grantee IN (0, ?) AND g.account <> ? ORDER BY g.account`,
      )
      .pluck(),
    // mailbox_grant_grantee
    sharedWith: db
      .prepare<[number, number], readonly [...GrantColumns, ...MailboxColumns]>(
        `SELECT g.grantee, g.negative, g.rights, ${mailboxColumns}
          FROM mailbox_grant g JOIN mailbox m ON m.id = g.mailbox JOIN account a ON a.id = g.account AND a.state = 0
          WHERE g.grantee IN (0, ?) AND g.account = ? ORDER BY m.name`,
      )
      .raw(),
  }
}

/** What reads messages rather than lists of them. */
function prepareOctetSql(db: Database) {
  return {
    // Without `rest`: the header of a long message is read without the pages behind it.
    bodyPlace: db.prepare<[number, number], BodyColumns>(bodySelect('NULL', 'p.uid = ?')).raw(),
    body: db.prepare<[number, number], BodyColumns>(bodySelect('b.rest', 'p.uid = ?')).raw(),
    // One buffer instead of three to be joined: reading many whole messages is bound by that.
    wholes: db
      .prepare<[number, number, number, number], WholeColumns>(
        `SELECT p.uid, CASE WHEN b.blob IS NULL AND b.codec = 0
            THEN CAST(concat(e.prefix, b.head, b.rest) AS BLOB) END
          FROM placement p JOIN email e ON e.id = p.email JOIN body b ON b.id = e.body
          WHERE p.mailbox = ? AND p.uid BETWEEN ? AND ? ORDER BY p.uid LIMIT ?`,
      )
      .raw(),
    /** What text cannot carry unharmed. */
    headerOctets: db
      .prepare<[number, number], Buffer | null>(
        `SELECT CAST(e.prefix || b.head AS BLOB)
          FROM placement p JOIN email e ON e.id = p.email JOIN body b ON b.id = e.body WHERE p.mailbox = ? AND p.uid = ?`,
      )
      .pluck(),
    sizeOfAll: db
      .prepare<[number, number, number], number>(
        'SELECT total(size) FROM placement WHERE mailbox = ? AND uid BETWEEN ? AND ?',
      )
      .pluck(),
    sizes: db
      .prepare<[number, number, number, number], number>(
        'SELECT size FROM placement WHERE mailbox = ? AND uid BETWEEN ? AND ? ORDER BY uid LIMIT ?',
      )
      .pluck(),
  }
}

function bodySelect(rest: 'b.rest' | 'NULL', uids: string): string {
  return `SELECT p.uid, e.prefix, b.size, b.codec, b.blob, b.frames, b.head, ${rest}
    FROM placement p JOIN email e ON e.id = p.email JOIN body b ON b.id = e.body
    WHERE p.mailbox = ? AND ${uids}`
}

/** What each field costs to read; `rowFields` takes them back out in the same order. */
export const fieldColumns: Readonly<Record<RowField, readonly string[]>> = {
  size: ['p.size'],
  // As text, which costs half of what a buffer does. NULL where the header is too long to be kept apart.
  header: ['e.prefix || b.head'],
  listFields: ['e.list_fields'],
  receivedAt: ['p.received_at'],
  savedAt: ['p.saved_at'],
  sentDay: ['e.sent_day'],
  envelope: ['e.envelope'],
  structure: ['e.structure'],
  basicStructure: ['e.basic_structure'],
  parts: ['e.parts'],
  preview: ['e.preview'],
  search: ['e.subject', 'e.from_text', 'e.to_text', 'e.cc_text', 'e.bcc_text', 'e.sent_at'],
  ids: ['e.id', 'e.thread'],
}
