import type { Database } from '../../../platform/sqlite/database.ts'

export type Sql = ReturnType<typeof prepareSql>

/** Every statement of the writer, prepared once. The index that serves it is its table's key unless a comment says otherwise. */
export function prepareSql(db: Database) {
  return {
    ...accountSql(db),
    ...mailboxSql(db),
    ...grantSql(db),
    ...messageSql(db),
    ...placementSql(db),
    ...sweepSql(db),
  }
}

export interface AccountRow {
  readonly quota: number
  readonly used: number
  readonly messages: number
  readonly modseq: number
  readonly state: number
}

export interface MailboxRow {
  readonly id: number
  readonly account: number
  readonly name: string
  readonly special_use: string | null
  readonly uidvalidity: number
  readonly uidnext: number
}

export interface PlacementRow {
  readonly uid: number
  readonly email: number
  readonly flags: number
  readonly modseq: number
  readonly size: number
  readonly received_at: number
}

/** Of an email: all but whose it is, and its thread. A copy for another account takes them over. */
const sharedColumns = `body, size, received_at, attachments, prefix, envelope, structure, basic_structure, parts, preview, subject,
  from_text, to_text, cc_text, bcc_text, sent_at, sent_day, message_id, base_subject, is_reply, sort_from, sort_to, sort_cc,
  display_from, display_to, message_ids, list_fields`
const placementColumns = 'uid, email, flags, modseq, size, received_at'
const mailboxColumns = 'id, account, name, special_use, uidvalidity, uidnext'

function accountSql(db: Database) {
  return {
    account: db.prepare<[number], AccountRow>(
      'SELECT quota, used, messages, modseq, state FROM account WHERE id = ?',
    ),
    insertAccount: db.prepare<[number, number, number]>(
      'INSERT INTO account (id, quota, next_uidvalidity) VALUES (?, ?, ?)',
    ),
    setQuota: db.prepare<[number, number]>('UPDATE account SET quota = ? WHERE id = ?'),
    setState: db.prepare<[number, number]>('UPDATE account SET state = ? WHERE id = ?'),
    nextModSeq: db
      .prepare<[number], number>('UPDATE account SET modseq = modseq + 1 WHERE id = ? RETURNING modseq')
      .pluck(),
    nextUidValidity: db
      .prepare<[number], number>(
        'UPDATE account SET next_uidvalidity = next_uidvalidity + 1 WHERE id = ? RETURNING next_uidvalidity - 1',
      )
      .pluck(),
    addUsage: db.prepare<[number, number, number]>(
      'UPDATE account SET used = used + ?, messages = messages + ? WHERE id = ?',
    ),
  }
}

function mailboxSql(db: Database) {
  return {
    mailbox: db.prepare<[number], MailboxRow>(`SELECT ${mailboxColumns} FROM mailbox WHERE id = ?`),
    // mailbox_name
    mailboxByName: db.prepare<[number, string], MailboxRow>(
      `SELECT ${mailboxColumns} FROM mailbox WHERE account = ? AND name = ?`,
    ),
    // mailbox_name: names that begin with `prefix` stand between it and the same with its last `/` raised to `0`.
    mailboxesBelow: db.prepare<[number, string, string], MailboxRow>(
      `SELECT ${mailboxColumns} FROM mailbox WHERE account = ? AND name > ? AND name < ? ORDER BY name`,
    ),
    // mailbox_name
    mailboxCount: db.prepare<[number], number>('SELECT count(*) FROM mailbox WHERE account = ?').pluck(),
    // mailbox_name
    mailboxIds: db.prepare<[number], number>('SELECT id FROM mailbox WHERE account = ?').pluck(),
    // mailbox_name
    anyMailbox: db.prepare<[number], MailboxRow>(
      `SELECT ${mailboxColumns} FROM mailbox WHERE account = ? LIMIT 1`,
    ),
    insertMailbox: db.prepare<[number, string, string | null, number, number, number]>(
      'INSERT INTO mailbox (account, name, special_use, uidvalidity, modseq, log_floor) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    renameMailbox: db.prepare<[string, number]>('UPDATE mailbox SET name = ? WHERE id = ?'),
    // mailbox_name
    hasSpecialUse: db
      .prepare<[number, string], number>(
        'SELECT EXISTS (SELECT 1 FROM mailbox WHERE account = ? AND special_use = ?)',
      )
      .pluck(),
    deleteMailbox: db.prepare<[number]>('DELETE FROM mailbox WHERE id = ?'),
    countMailbox: db.prepare<[number, number, number, number, number, number, number]>(
      `UPDATE mailbox SET uidnext = uidnext + ?, modseq = ?, messages = messages + ?, unseen = unseen + ?,
         deleted = deleted + ?, bytes = bytes + ? WHERE id = ?`,
    ),
    annotate: db.prepare<[number, number, string, Uint8Array]>(
      `INSERT INTO annotation (account, mailbox, name, value) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET value = excluded.value`,
    ),
    deleteAnnotation: db.prepare<[number, number, string]>(
      'DELETE FROM annotation WHERE account = ? AND mailbox = ? AND name = ?',
    ),
    deleteAnnotations: db.prepare<[number]>('DELETE FROM annotation WHERE account = ?'),
    // annotation_mailbox: of everybody.
    deleteAnnotationsOf: db.prepare<[number]>('DELETE FROM annotation WHERE mailbox = ?'),
    // annotation's key
    annotationCount: db
      .prepare<[number], number>('SELECT count(*) FROM annotation WHERE account = ?')
      .pluck(),
    setRetention: db.prepare<[number, string, number]>(
      `INSERT INTO retention (account, name, days) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET days = excluded.days`,
    ),
    deleteRetention: db.prepare<[number, string]>('DELETE FROM retention WHERE account = ? AND name = ?'),
    deleteRetentions: db.prepare<[number]>('DELETE FROM retention WHERE account = ?'),
    subscribe: db.prepare<[number, string]>(
      'INSERT OR IGNORE INTO subscription (account, name) VALUES (?, ?)',
    ),
    unsubscribe: db.prepare<[number, string]>('DELETE FROM subscription WHERE account = ? AND name = ?'),
    subscriptionCount: db
      .prepare<[number], number>('SELECT count(*) FROM subscription WHERE account = ?')
      .pluck(),
  }
}

type GrantKey = [account: number, mailbox: number, grantee: number, negative: number]

function grantSql(db: Database) {
  const byKey = 'WHERE account = ? AND mailbox = ? AND grantee = ? AND negative = ?'
  return {
    grant: db.prepare<GrantKey, string>(`SELECT rights FROM mailbox_grant ${byKey}`).pluck(),
    grantCount: db
      .prepare<[number, number], number>(
        'SELECT count(*) FROM mailbox_grant WHERE account = ? AND mailbox = ?',
      )
      .pluck(),
    putGrant: db.prepare<[...GrantKey, rights: string]>(
      `INSERT INTO mailbox_grant (account, mailbox, grantee, negative, rights) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET rights = excluded.rights`,
    ),
    deleteGrant: db.prepare<GrantKey>(`DELETE FROM mailbox_grant ${byKey}`),
    inheritGrants: db.prepare<[number, number, number]>(
      `INSERT INTO mailbox_grant (account, mailbox, grantee, negative, rights)
         SELECT account, ?, grantee, negative, rights FROM mailbox_grant WHERE account = ? AND mailbox = ?`,
    ),
    deleteGrantsOf: db.prepare<[number, number]>(
      'DELETE FROM mailbox_grant WHERE account = ? AND mailbox = ?',
    ),
    // mailbox_grant_grantee
    deleteGrantsTo: db.prepare<[number]>('DELETE FROM mailbox_grant WHERE grantee = ?'),
  }
}

function messageSql(db: Database) {
  return {
    insertBody: db.prepare<unknown[]>(
      'INSERT INTO body (refs, size, crc, codec, blob, frames, trace, head, rest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    insertEmail: db.prepare<unknown[]>(
      `INSERT INTO email (account, thread, ${sharedColumns})
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    setThread: db.prepare<[number, number]>('UPDATE email SET thread = ? WHERE id = ?'),
    bodyOfEmail: db.prepare<[number], { body: number; baseSubject: string; head: Uint8Array | null }>(
      `SELECT e.body, e.base_subject AS baseSubject, b.head FROM email e JOIN body b ON b.id = e.body WHERE e.id = ?`,
    ),
    addBodyRef: db.prepare<[number]>('UPDATE body SET refs = refs + 1 WHERE id = ?'),
    copyEmail: db.prepare<[number, number, number]>(
      `INSERT INTO email (account, thread, ${sharedColumns}) SELECT ?, ?, ${sharedColumns} FROM email WHERE id = ?`,
    ),
    threadOf: db
      .prepare<[number, number], number>('SELECT thread FROM thread_key WHERE account = ? AND key = ?')
      .pluck(),
    insertThreadKey: db.prepare<[number, number, number]>(
      'INSERT OR IGNORE INTO thread_key (account, key, thread) VALUES (?, ?, ?)',
    ),
    keywordsOf: db.prepare<[number], string>('SELECT names FROM keyword_set WHERE id = ?').pluck(),
    // keyword_set's UNIQUE
    keywordSet: db.prepare<[string], number>('SELECT id FROM keyword_set WHERE names = ?').pluck(),
    insertKeywordSet: db.prepare<[string]>('INSERT INTO keyword_set (names) VALUES (?)'),
  }
}

function placementSql(db: Database) {
  return {
    insertPlacement: db.prepare<[number, number, number, number, number, number, number, number]>(
      'INSERT INTO placement (mailbox, uid, email, flags, modseq, size, received_at, saved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    placement: db.prepare<[number, number], PlacementRow>(
      `SELECT ${placementColumns} FROM placement WHERE mailbox = ? AND uid = ?`,
    ),
    placements: db.prepare<[number, number, number], PlacementRow>(
      `SELECT ${placementColumns} FROM placement WHERE mailbox = ? AND uid >= ? ORDER BY uid LIMIT ?`,
    ),
    setFlags: db.prepare<[number, number, number, number]>(
      'UPDATE placement SET flags = ?, modseq = ? WHERE mailbox = ? AND uid = ?',
    ),
    deletePlacement: db.prepare<[number, number]>('DELETE FROM placement WHERE mailbox = ? AND uid = ?'),
    logExpunge: db.prepare<[number, number, number, number, number, number]>(
      'INSERT INTO expunged (mailbox, modseq, uid, email, flags, at) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    logAllExpunged: db.prepare<[number, number, number]>(
      'INSERT INTO expunged (mailbox, modseq, uid, email, flags, at) SELECT mailbox, ?, uid, email, flags, ? FROM placement WHERE mailbox = ?',
    ),
    deleteAllPlacements: db.prepare<[number]>('DELETE FROM placement WHERE mailbox = ?'),
    mailboxTotals: db.prepare<[number], { messages: number; bytes: number }>(
      'SELECT messages, bytes FROM mailbox WHERE id = ?',
    ),
  }
}

function sweepSql(db: Database) {
  return {
    // expunged_held
    heldExpunged: db.prepare<
      [number, number],
      { mailbox: number; modseq: number; uid: number; email: number }
    >(
      'SELECT mailbox, modseq, uid, email FROM expunged WHERE email IS NOT NULL AND at <= ? ORDER BY at LIMIT ?',
    ),
    letGo: db.prepare<[number, number, number]>(
      'UPDATE expunged SET email = NULL WHERE mailbox = ? AND modseq = ? AND uid = ?',
    ),
    // placement_email, expunged_email
    isHeld: db
      .prepare<[number, number], number>(
        `SELECT EXISTS (SELECT 1 FROM placement WHERE email = ?)
             OR EXISTS (SELECT 1 FROM expunged WHERE email IS NOT NULL AND email = ?)`,
      )
      .pluck(),
    deleteEmail: db.prepare<[number], number>('DELETE FROM email WHERE id = ? RETURNING body').pluck(),
    dropBodyRef: db.prepare<[number], { refs: number; blob: string | null }>(
      'UPDATE body SET refs = refs - 1 WHERE id = ? RETURNING refs, blob',
    ),
    deleteBody: db.prepare<[number]>('DELETE FROM body WHERE id = ?'),
    insertTombstone: db.prepare<[string, number]>(
      'INSERT OR IGNORE INTO blob_tombstone (blob, since) VALUES (?, ?)',
    ),
    // blob_tombstone_since
    oldTombstones: db
      .prepare<[number, number], string>(
        'SELECT blob FROM blob_tombstone WHERE since <= ? ORDER BY since LIMIT ?',
      )
      .pluck(),
    deleteTombstone: db.prepare<[string]>('DELETE FROM blob_tombstone WHERE blob = ?'),
    // expunged_at
    oldLog: db.prepare<[number, number], { mailbox: number; modseq: number; uid: number }>(
      'SELECT mailbox, modseq, uid FROM expunged WHERE at < ? AND email IS NULL ORDER BY at LIMIT ?',
    ),
    deleteLog: db.prepare<[number, number, number]>(
      'DELETE FROM expunged WHERE mailbox = ? AND modseq = ? AND uid = ?',
    ),
    raiseLogFloor: db.prepare<[number, number]>(
      'UPDATE mailbox SET log_floor = max(log_floor, ?) WHERE id = ?',
    ),
    // few rows: a scan
    removedAccount: db.prepare<[], number>('SELECT id FROM account WHERE state = 1 LIMIT 1').pluck(),
    deleteThreadKeys: db.prepare<[number, number, number]>(
      'DELETE FROM thread_key WHERE account = ? AND key IN (SELECT key FROM thread_key WHERE account = ? LIMIT ?)',
    ),
    deleteSubscriptions: db.prepare<[number]>('DELETE FROM subscription WHERE account = ?'),
    // sieve_script's UNIQUE
    deleteScripts: db.prepare<[number]>('DELETE FROM sieve_script WHERE account = ?'),
    deleteScriptRevision: db.prepare<[number]>('DELETE FROM sieve_revision WHERE account = ?'),
  }
}
