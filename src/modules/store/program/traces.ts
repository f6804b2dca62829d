import type { Database } from '../../../platform/sqlite/database.ts'
import type { TraceOutcome } from '../../../ports/mail-traces.ts'
import type { StoreOperations } from '../operations.ts'

/** Of one account, some hundred bytes each. */
const mostTraces = 2_000
const trimmedEvery = 50

export type TraceSql = ReturnType<typeof prepareTraceSql>

/** The writer's statements for what became of messages. */
export function prepareTraceSql(db: Database) {
  return {
    // trace_message. What is settled is known better by who settled it; it does not know the subject.
    put: db.prepare<unknown[]>(
      `INSERT INTO trace (account, at, arrival, way, own, other, author, subject, outcome, detail, settled_at, message_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET own = excluded.own, author = excluded.author, subject = excluded.subject, message_id = excluded.message_id`,
    ),
    settle: db.prepare<unknown[]>(
      `INSERT INTO trace (account, at, arrival, way, own, other, author, subject, outcome, detail, settled_at)
         VALUES (?, ?, ?, 'out', '', ?, '', '', ?, ?, ?)
         ON CONFLICT DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail, settled_at = excluded.settled_at`,
    ),
    // trace_account
    trim: db.prepare<[number, number, number]>(
      `DELETE FROM trace WHERE account = ? AND number <=
         (SELECT number FROM trace WHERE account = ? ORDER BY number DESC LIMIT 1 OFFSET ?)`,
    ),
    // trace_at
    old: db.prepare<[number, number]>(
      'DELETE FROM trace WHERE number IN (SELECT number FROM trace WHERE at < ? LIMIT ?)',
    ),
    // trace_account
    ofAccount: db.prepare<[number, number]>(
      'DELETE FROM trace WHERE number IN (SELECT number FROM trace WHERE account = ? LIMIT ?)',
    ),
    // outgoing_recipient's key, outgoing's key
    leaving: db.prepare<[number], { account: number; arrival: string; address: string; accepted_at: number }>(
      `SELECT o.account, o.arrival, r.address, o.accepted_at FROM outgoing_recipient r JOIN outgoing o ON o.id = r.message
         WHERE r.id = ? AND o.account IS NOT NULL`,
    ),
  }
}

export function traceOperations({ put, trim }: TraceSql): Pick<StoreOperations, 'keepTraces'> {
  return {
    keepTraces({ traces, now }) {
      for (const trace of traces) {
        const { account, at, arrival, way, own, other, author, subject, outcome, detail } = trace
        const { lastInsertRowid } = put.run(
          ...[account, at, arrival, way, own, other, author, subject, outcome, detail, now],
          trace.messageId ?? '',
        )
        // Finding the oldest is a walk along all of them.
        if (Number(lastInsertRowid) % trimmedEvery === 0) trim.run(account, account, mostTraces)
      }
      return { answer: undefined, changes: [] }
    },
  }
}

/** What became of somebody's mail that was in the queue; called while its row is still there. */
export function settleTrace(
  { leaving, settle }: TraceSql,
  id: number,
  { outcome, detail, now }: { readonly outcome: TraceOutcome; readonly detail: string; readonly now: number },
): void {
  const row = leaving.get(id)
  if (row) settle.run(row.account, row.accepted_at, row.arrival, row.address, outcome, detail, now)
}
