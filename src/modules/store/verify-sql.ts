import type { Database } from '../../platform/sqlite/database.ts'

export interface MailboxCounters {
  readonly id: number
  readonly uidnext: number
  readonly modseq: number
  readonly messages: number
  readonly unseen: number
  readonly deleted: number
  readonly bytes: number
}

export interface EmailRow {
  readonly id: number
  readonly body: number
  readonly size: number
  readonly prefix_size: number
  readonly body_size: number | null
  readonly held: number
  readonly envelope_ok: number
}

export interface BodyRow {
  readonly id: number
  readonly refs: number
  readonly size: number
  readonly crc: number
  readonly codec: number
  readonly blob: string | null
  readonly frames: Uint8Array | null
  readonly head: Uint8Array | null
  readonly rest: Uint8Array | null
}

/** Pages by key; everything looked up beside them has its index (see the migrations). */
export function prepareVerifySql(db: Database) {
  return {
    accounts: db.prepare<[number, number], { id: number; used: number; messages: number }>(
      'SELECT id, used, messages FROM account WHERE id > ? ORDER BY id LIMIT ?',
    ),
    accountSums: db.prepare<[number], { used: number; messages: number }>(
      'SELECT coalesce(sum(bytes), 0) AS used, coalesce(sum(messages), 0) AS messages FROM mailbox WHERE account = ?',
    ),
    mailboxes: db.prepare<[number, number], MailboxCounters>(
      'SELECT id, uidnext, modseq, messages, unseen, deleted, bytes FROM mailbox WHERE id > ? ORDER BY id LIMIT ?',
    ),
    placementSums: db.prepare<
      [number, number, number],
      Omit<MailboxCounters, 'id' | 'uidnext' | 'modseq'> & { highest_uid: number; highest_modseq: number }
    >(
      `SELECT count(*) AS messages, coalesce(sum(flags & ? = 0), 0) AS unseen, coalesce(sum(flags & ? <> 0), 0) AS deleted,
         coalesce(sum(size), 0) AS bytes, coalesce(max(uid), 0) AS highest_uid, coalesce(max(modseq), 0) AS highest_modseq
       FROM placement WHERE mailbox = ?`,
    ),
    placementsWithoutEmail: db
      .prepare<[number], number>(
        `SELECT p.uid FROM placement p LEFT JOIN email e ON e.id = p.email
         WHERE p.mailbox = ? AND (e.id IS NULL OR e.size <> p.size OR e.received_at <> p.received_at)`,
      )
      .pluck(),
    emails: db.prepare<[number, number], EmailRow>(
      `SELECT e.id, e.body, e.size, length(CAST(e.prefix AS BLOB)) AS prefix_size, b.size AS body_size,
         EXISTS (SELECT 1 FROM placement p WHERE p.email = e.id)
           OR EXISTS (SELECT 1 FROM expunged x WHERE x.email IS NOT NULL AND x.email = e.id) AS held,
         e.envelope LIKE '(%)' AND e.structure LIKE '(%)' AND e.thread > 0 AS envelope_ok
       FROM email e LEFT JOIN body b ON b.id = e.body WHERE e.id > ? ORDER BY e.id LIMIT ?`,
    ),
    bodies: db.prepare<[number, number], BodyRow>(
      'SELECT id, refs, size, crc, codec, blob, frames, head, rest FROM body WHERE id > ? ORDER BY id LIMIT ?',
    ),
  }
}
