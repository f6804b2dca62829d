import type { Database } from '../../platform/sqlite/database.ts'

interface AccountCounters {
  readonly id: number
  readonly used: number
  readonly messages: number
  readonly modseq: number
  readonly next_uidvalidity: number
}

interface AccountSums {
  readonly used: number
  readonly messages: number
  readonly highest_modseq: number
  readonly highest_uidvalidity: number
}

export interface MailboxCounters {
  readonly id: number
  readonly uidnext: number
  readonly modseq: number
  readonly messages: number
  readonly unseen: number
  readonly deleted: number
  readonly bytes: number
  readonly owned: number
}

export interface EmailRow {
  readonly id: number
  readonly body: number
  readonly size: number
  readonly prefix_size: number
  readonly body_size: number | null
  readonly held: number
  readonly index_ok: number
}

export interface OutgoingRow {
  readonly id: number
  readonly body: number
  readonly size_ok: number | null
  readonly wanted: number
}

export interface ScriptRow {
  readonly id: number
  readonly size_ok: number
  readonly owned: number
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
    accounts: db.prepare<[number, number], AccountCounters>(
      'SELECT id, used, messages, modseq, next_uidvalidity FROM account WHERE id > ? ORDER BY id LIMIT ?',
    ),
    accountSums: db.prepare<[number], AccountSums>(
      `SELECT coalesce(sum(bytes), 0) AS used, coalesce(sum(messages), 0) AS messages,
         coalesce(max(modseq), 0) AS highest_modseq, coalesce(max(uidvalidity), 0) AS highest_uidvalidity
       FROM mailbox WHERE account = ?`,
    ),
    mailboxes: db.prepare<[number, number], MailboxCounters>(
      `SELECT id, uidnext, modseq, messages, unseen, deleted, bytes,
         EXISTS (SELECT 1 FROM account a WHERE a.id = m.account) AS owned
       FROM mailbox m WHERE id > ? ORDER BY id LIMIT ?`,
    ),
    mailboxesMissing: db
      .prepare<[], number>(
        'SELECT DISTINCT mailbox FROM placement WHERE mailbox NOT IN (SELECT id FROM mailbox) LIMIT 100',
      )
      .pluck(),
    brokenKeywordSets: db
      .prepare<[], number>('SELECT id FROM keyword_set WHERE NOT json_valid(names) LIMIT 100')
      .pluck(),
    placementSums: db.prepare<
      [number, number, number],
      Omit<MailboxCounters, 'id' | 'uidnext' | 'modseq' | 'owned'> & {
        highest_uid: number
        highest_modseq: number
      }
    >(
      `SELECT count(*) AS messages, coalesce(sum(flags & ? = 0), 0) AS unseen, coalesce(sum(flags & ? <> 0), 0) AS deleted,
         coalesce(sum(size), 0) AS bytes, coalesce(max(uid), 0) AS highest_uid, coalesce(max(modseq), 0) AS highest_modseq
       FROM placement WHERE mailbox = ?`,
    ),
    placementsWithoutEmail: db
      .prepare<[number], number>(
        `SELECT p.uid FROM placement p JOIN mailbox m ON m.id = p.mailbox LEFT JOIN email e ON e.id = p.email
         WHERE p.mailbox = ?
           AND (e.id IS NULL OR e.size <> p.size OR e.received_at <> p.received_at OR e.account <> m.account)`,
      )
      .pluck(),
    placementsWithoutKeywords: db
      .prepare<[number, number], number>(
        `SELECT uid FROM placement
         WHERE mailbox = ? AND flags >> ? NOT IN (SELECT 0 UNION ALL SELECT id FROM keyword_set)`,
      )
      .pluck(),
    emails: db.prepare<[number, number], EmailRow>(
      `SELECT e.id, e.body, e.size, length(CAST(e.prefix AS BLOB)) AS prefix_size, b.size AS body_size,
         EXISTS (SELECT 1 FROM placement p WHERE p.email = e.id)
           OR EXISTS (SELECT 1 FROM expunged x WHERE x.email IS NOT NULL AND x.email = e.id) AS held,
         e.envelope LIKE '(%)' AND e.structure LIKE '(%)' AND e.basic_structure LIKE '(%)' AND e.thread > 0
           AND CASE WHEN json_valid(e.parts)
             THEN (SELECT count(*) > 0 AND max(value ->> 3) <= e.size FROM json_each(e.parts)) ELSE 0 END AS index_ok
       FROM email e LEFT JOIN body b ON b.id = e.body WHERE e.id > ? ORDER BY e.id LIMIT ?`,
    ),
    outgoing: db.prepare<[number, number], OutgoingRow>(
      `SELECT o.id, o.body, o.size = b.size + length(CAST(o.prefix AS BLOB)) AS size_ok,
         EXISTS (SELECT 1 FROM outgoing_recipient r WHERE r.message = o.id) AS wanted
       FROM outgoing o LEFT JOIN body b ON b.id = o.body WHERE o.id > ? ORDER BY o.id LIMIT ?`,
    ),
    // Few rows, unless very much is waiting: a scan.
    wrongDestinations: db
      .prepare<[], string>(
        `SELECT coalesce(d.name, w.destination) FROM
           (SELECT destination, min(due) AS due FROM outgoing_recipient WHERE held = 0 GROUP BY destination) w
           FULL JOIN outgoing_destination d ON d.name = w.destination WHERE d.due IS NOT w.due LIMIT 100`,
      )
      .pluck(),
    recipientsAlone: db
      .prepare<[], number>(
        'SELECT id FROM outgoing_recipient WHERE message NOT IN (SELECT id FROM outgoing) LIMIT 100',
      )
      .pluck(),
    ...besideMessages(db),
    bodies: db.prepare<[number, number], BodyRow>(
      'SELECT id, refs, size, crc, codec, blob, frames, head, rest FROM body WHERE id > ? ORDER BY id LIMIT ?',
    ),
  }
}

/** What an account has beside its messages. */
function besideMessages(db: Database) {
  return {
    strayGrants: db
      .prepare<[], number>(
        `SELECT g.mailbox FROM mailbox_grant g
           WHERE NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.id = g.mailbox AND m.account = g.account) LIMIT 100`,
      )
      .pluck(),
    scripts: db.prepare<[number, number], ScriptRow>(
      `SELECT s.id, s.size = length(CAST(s.text AS BLOB)) AS size_ok,
         (s.account = 0 OR EXISTS (SELECT 1 FROM account a WHERE a.id = s.account))
           AND EXISTS (SELECT 1 FROM sieve_revision r WHERE r.account = s.account) AS owned
       FROM sieve_script s WHERE s.id > ? ORDER BY s.id LIMIT ?`,
    ),
  }
}
