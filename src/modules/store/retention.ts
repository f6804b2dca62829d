import { nextTurn } from '../../platform/next-turn.ts'
import type { Database } from '../../platform/sqlite/database.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { MailboxId, Uid } from '../../ports/mail-store.ts'
import type { MailRetention } from '../../ports/retention.ts'
import type { Clock } from '../../ports/runtime.ts'
import { storedName } from './mailbox-name.ts'
import type { Writing } from './writing.ts'

/** A fraction of a millisecond to read; one transaction to take out. */
const rowsPerStep = 500

export const dayMs = 24 * 60 * 60 * 1000

/** The server's standard for mailboxes of that role; 0 keeps all. */
export interface KeepDays {
  readonly trash: number
  readonly junk: number
}

/** A mailbox that does not keep everything. */
export interface Limited {
  readonly id: MailboxId
  readonly account: AccountId
  readonly name: string
  readonly days: number
}

const standardDays = `CASE m.special_use WHEN '\\Trash' THEN @trash WHEN '\\Junk' THEN @junk END`

/** Of mailboxes and their rules: by mailbox_name and the keys. */
export function prepareRetentionSql(db: Database, keepDays: KeepDays) {
  const ofAccount = db.prepare<[object], { name: string; days: number; own: number }>(
    `SELECT m.name, coalesce(r.days, ${standardDays}) AS days, r.days IS NOT NULL AS own
      FROM mailbox m LEFT JOIN retention r ON r.account = m.account AND r.name = m.name
      WHERE m.account = @account AND coalesce(r.days, nullif(${standardDays}, 0)) IS NOT NULL ORDER BY m.name`,
  )
  const limited = db.prepare<[object], Limited>(
    `SELECT m.id, m.account, m.name, coalesce(r.days, ${standardDays}) AS days
      FROM mailbox m LEFT JOIN retention r ON r.account = m.account AND r.name = m.name
      WHERE m.id > @after AND m.id <= @upTo AND m.messages > 0 AND coalesce(r.days, ${standardDays}) > 0
      ORDER BY m.id`,
  )
  return {
    ofAccount: (account: AccountId) => ofAccount.all({ account, ...keepDays }),
    limited: (after: MailboxId, upTo: MailboxId) => limited.all({ after, upTo, ...keepDays }),
    lastMailbox: db.prepare<[], MailboxId | null>('SELECT max(id) FROM mailbox').pluck(),
    // mailbox_name
    mailboxNamed: db
      .prepare<[number, string], MailboxId>('SELECT id FROM mailbox WHERE account = ? AND name = ?')
      .pluck(),
    savedDates: db
      .prepare<[number, number, number], readonly [uid: Uid, savedAt: number]>(
        'SELECT uid, saved_at FROM placement WHERE mailbox = ? AND uid >= ? ORDER BY uid LIMIT ?',
      )
      .raw(),
  }
}

export type RetentionSql = ReturnType<typeof prepareRetentionSql>

interface Retaining {
  readonly writing: Writing
  readonly sql: RetentionSql
  readonly clock: Clock
}

export function createRetention({ writing, sql, clock }: Retaining): MailRetention {
  const list: MailRetention['list'] = async (account) =>
    sql.ofAccount(account).map(({ name, days, own }) => ({ mailbox: name, days, own: own === 1 }))
  const retain = async (account: AccountId, mailbox: string, days: number | undefined) => {
    const answer = await writing.attempt('retain', { account, mailbox, days })
    if (answer.kind !== 'done') return answer
    const name = storedName(mailbox)
    const rule = (await list(account)).find((each) => each.mailbox === name)
    if (!rule || rule.days === 0) return { kind: 'done', due: 0 } as const
    const id = sql.mailboxNamed.get(account, name) ?? 0
    let due = 0
    for await (const page of savedPages(sql, id, clock.now() - rule.days * dayMs)) due += page.overdue.length
    return { kind: 'done', due } as const
  }
  return {
    list,
    set: (account, mailbox, days) => retain(account, mailbox, days),
    unset: (account, mailbox) => retain(account, mailbox, undefined),
  }
}

interface SavedPage {
  /** Saved by then. */
  readonly overdue: readonly Uid[]
  readonly others: number
  /** When the first of the others was saved. */
  readonly earliest: number
}

/**
 * The whole mailbox in short steps. The order of uids is not relied upon: a clock may have been put back, and an import may tell
 * older dates.
 */
export async function* savedPages(
  sql: RetentionSql,
  mailbox: MailboxId,
  by: number,
): AsyncGenerator<SavedPage> {
  for (let from = 1; ; ) {
    const rows = sql.savedDates.all(mailbox, from, rowsPerStep)
    const overdue = rows.filter(([, savedAt]) => savedAt <= by).map(([uid]) => uid)
    const earliest = rows.reduce(
      (least, [, savedAt]) => (savedAt > by ? Math.min(least, savedAt) : least),
      Number.POSITIVE_INFINITY,
    )
    yield { overdue, others: rows.length - overdue.length, earliest }
    if (rows.length < rowsPerStep) return
    from = (rows.at(-1)?.[0] ?? 0) + 1
    await nextTurn()
  }
}
