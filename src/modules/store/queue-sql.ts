import type { Database } from '../../platform/sqlite/database.ts'
import type { BodyColumns } from './read-sql.ts'

export interface QueuedRow {
  readonly id: number
  readonly message: number
  readonly arrival: string
  readonly destination: string
  readonly address: string
  readonly notify: string | null
  readonly original: string | null
  readonly account: number | null
  readonly sender: string
  readonly size: number
  readonly held: number
  readonly accepted_at: number
  readonly due: number
  readonly attempts: number
  readonly expires: number
  readonly notice: number | null
  readonly last: string | null
}

export interface OutgoingRow {
  readonly arrival: string
  readonly account: number | null
  readonly sender: string
  readonly size: number
  readonly smtp_utf8: number
  readonly require_tls: number
  readonly envelope_id: string | null
  readonly return_content: 'full' | 'headers' | null
  readonly accepted_at: number
}

const queued = `SELECT r.id, r.message, o.arrival, r.destination, r.address, r.notify, r.original, o.account, o.sender, o.size, r.held,
    o.accepted_at, r.due, r.attempts, r.expires, r.notice, r.last
  FROM outgoing_recipient r JOIN outgoing o ON o.id = r.message`

/** What is read of the queue. The index that serves it is its table's key unless a comment says otherwise. */
export function prepareQueueSql(db: Database) {
  return {
    // outgoing_destination_due
    dueDestinations: db
      .prepare<[number, number], string>(
        'SELECT name FROM outgoing_destination WHERE due <= ? ORDER BY due LIMIT ?',
      )
      .pluck(),
    nextDue: db.prepare<[], number | null>('SELECT min(due) FROM outgoing_destination').pluck(),
    // outgoing_recipient_due
    due: db.prepare<[string, number, number], QueuedRow>(
      `${queued} WHERE r.destination = ? AND r.held = 0 AND r.due <= ? ORDER BY r.due LIMIT ?`,
    ),
    list: db.prepare<[number, number], QueuedRow>(`${queued} WHERE r.id > ? ORDER BY r.id LIMIT ?`),
    // outgoing_account, outgoing_recipient_message
    listOf: db.prepare<[number, number, number], QueuedRow>(
      `${queued} WHERE o.account = ? AND r.id > ? ORDER BY r.id LIMIT ?`,
    ),
    message: db.prepare<[number], OutgoingRow>(
      `SELECT arrival, account, sender, size, smtp_utf8, require_tls, envelope_id, return_content, accepted_at
       FROM outgoing WHERE id = ?`,
    ),
    bodyPlace: db
      .prepare<[number], BodyColumns>(
        `SELECT o.id, o.prefix, b.size, b.codec, b.blob, b.frames, b.head, NULL
         FROM outgoing o JOIN body b ON b.id = o.body WHERE o.id = ?`,
      )
      .raw(),
    body: db
      .prepare<[number], BodyColumns>(
        `SELECT o.id, o.prefix, b.size, b.codec, b.blob, b.frames, b.head, b.rest
         FROM outgoing o JOIN body b ON b.id = o.body WHERE o.id = ?`,
      )
      .raw(),
  }
}
