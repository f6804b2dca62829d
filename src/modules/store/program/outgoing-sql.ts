import type { Database } from '../../../platform/sqlite/database.ts'

export type OutgoingSql = ReturnType<typeof prepareOutgoingSql>

/** The writer's statements for the queue. The index that serves each is its table's key unless a comment says otherwise. */
export function prepareOutgoingSql(db: Database) {
  return {
    insertMessage: db.prepare<unknown[]>(
      `INSERT INTO outgoing (body, prefix, size, arrival, account, sender, smtp_utf8, require_tls, envelope_id,
         return_content, accepted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    insertRecipient: db.prepare<unknown[]>(
      `INSERT INTO outgoing_recipient (message, destination, address, notify, original, held, due, expires, notice)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    deleteRecipient: db.prepare<[number], { message: number; destination: string }>(
      'DELETE FROM outgoing_recipient WHERE id = ? RETURNING message, destination',
    ),
    postpone: db.prepare<[number, string, number, number], { destination: string }>(
      `UPDATE outgoing_recipient SET due = ?, last = ?, attempts = attempts + 1, notice = CASE WHEN ? THEN NULL ELSE notice END
         WHERE id = ? RETURNING destination`,
    ),
    setHeld: db.prepare<[number, number], { destination: string }>(
      'UPDATE outgoing_recipient SET held = ? WHERE id = ? RETURNING destination',
    ),
    setDue: db.prepare<[number, number], { destination: string }>(
      'UPDATE outgoing_recipient SET held = 0, due = ? WHERE id = ? RETURNING destination',
    ),
    find: db.prepare<[number], { destination: string; address: string }>(
      'SELECT destination, address FROM outgoing_recipient WHERE id = ?',
    ),
    reroute: db.prepare<[string, number, number]>(
      'UPDATE outgoing_recipient SET held = 0, destination = ?, due = ? WHERE id = ?',
    ),
    // outgoing_recipient_message
    hasRecipients: db
      .prepare<[number], number>('SELECT EXISTS (SELECT 1 FROM outgoing_recipient WHERE message = ?)')
      .pluck(),
    deleteMessage: db.prepare<[number], number>('DELETE FROM outgoing WHERE id = ? RETURNING body').pluck(),
    // outgoing_recipient_due
    earliest: db
      .prepare<[string], number | null>(
        'SELECT min(due) FROM outgoing_recipient WHERE destination = ? AND held = 0',
      )
      .pluck(),
    setDestination: db.prepare<[string, number]>(
      'INSERT INTO outgoing_destination (name, due) VALUES (?, ?) ON CONFLICT DO UPDATE SET due = excluded.due',
    ),
    deleteDestination: db.prepare<[string]>('DELETE FROM outgoing_destination WHERE name = ?'),
  }
}
