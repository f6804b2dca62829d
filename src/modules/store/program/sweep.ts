import type { StoreOperations, SweepArgs, Swept } from '../operations.ts'
import { Change } from './change.ts'
import { deleteMailbox } from './mailboxes.ts'
import { accountStates } from './owners.ts'
import type { RuleSql } from './rule-sql.ts'
import type { Sql } from './sql.ts'
import type { TraceSql } from './traces.ts'

const dayMs = 24 * 60 * 60 * 1000
/** How far back VANISHED reaches. RFC 7162 §3.2.5.2 */
const keptForSyncMs = 90 * dayMs
const decisionsKeptMs = 30 * dayMs

/** What became garbage is taken away in small steps, each a short transaction between others. */
export function sweepOperations(
  sql: Sql,
  rules: RuleSql,
  traces: TraceSql,
): Pick<StoreOperations, 'sweep' | 'forgetBlobs'> {
  return {
    sweep: (args) => sweep({ sql, rules, traces }, args),
    forgetBlobs({ blobs }) {
      for (const blob of blobs) sql.deleteTombstone.run(blob)
    },
  }
}

interface SweepSql {
  readonly sql: Sql
  readonly rules: RuleSql
  readonly traces: TraceSql
}

function sweep(statements: SweepSql, args: SweepArgs): Swept {
  const { sql } = statements
  const steps = [sweepAccount, letGoOfExpunged, trimLog, forgetOldRules]
  const more = steps.map((step) => step(statements, args)).some((unfinished) => unfinished)
  const blobs = sql.oldTombstones.all(args.now - args.keepMs, args.limit)
  return { more: more || blobs.length === args.limit, blobs }
}

/** A removed account: mailbox by mailbox into the log, as of long ago so that nothing is kept for undoing; then its names. */
function sweepAccount({ sql, rules, traces }: SweepSql, { limit }: SweepArgs): boolean {
  const account = sql.removedAccount.get()
  if (account === undefined) return false
  const longAgo = 0
  const mailbox = sql.anyMailbox.get(account)
  if (mailbox) deleteMailbox(sql, new Change(sql, longAgo), mailbox, longAgo)
  else if (ruleRowsLeft(rules, account, limit)) return true
  else if (traces.ofAccount.run(account, limit).changes === limit) return true
  else if (sql.deleteThreadKeys.run(account, account, limit).changes < limit) {
    sql.deleteSubscriptions.run(account)
    sql.deleteAnnotations.run(account)
    sql.deleteScripts.run(account)
    sql.deleteScriptRevision.run(account)
    sql.deleteRetentions.run(account)
    sql.setState.run(accountStates.swept, account)
  }
  return true
}

function letGoOfExpunged({ sql, rules }: SweepSql, { now, keepMs, limit }: SweepArgs): boolean {
  const rows = sql.heldExpunged.all(now - keepMs, limit)
  for (const { mailbox, modseq, uid, email } of rows) {
    sql.letGo.run(mailbox, modseq, uid)
    if (sql.isHeld.get(email, email) === 0) deleteEmail({ sql, rules }, email, now)
  }
  return rows.length === limit
}

function deleteEmail({ sql, rules }: Omit<SweepSql, 'traces'>, email: number, now: number): void {
  rules.forgetLesson.run(email)
  const body = sql.deleteEmail.get(email)
  if (body !== undefined) dropBody(sql, body, now)
}

/** One of those who share it needs it no longer. */
export function dropBody(sql: Sql, body: number, now: number): void {
  const left = sql.dropBodyRef.get(body)
  if (!left || left.refs > 0) return
  sql.deleteBody.run(body)
  if (left.blob !== null) sql.insertTombstone.run(left.blob, now)
}

function trimLog({ sql }: SweepSql, { now, limit }: SweepArgs): boolean {
  const rows = sql.oldLog.all(now - keptForSyncMs, limit)
  for (const { mailbox, modseq, uid } of rows) {
    sql.deleteLog.run(mailbox, modseq, uid)
    sql.raiseLogFloor.run(modseq, mailbox)
  }
  return rows.length === limit
}

function forgetOldRules({ rules, traces }: SweepSql, { now, limit }: SweepArgs): boolean {
  const forgotten = rules.forget.run(now, limit).changes
  const trimmed = rules.oldDecisions.run(now - decisionsKeptMs, limit).changes
  const lost = traces.old.run(now - decisionsKeptMs, limit).changes
  return forgotten === limit || trimmed === limit || lost === limit
}

/** True where there may be more. */
function ruleRowsLeft(rules: RuleSql, account: number, limit: number): boolean {
  const forgotten = rules.forgetAccount.run(account, account, limit).changes
  return forgotten === limit || rules.accountDecisions.run(account, limit).changes === limit
}
