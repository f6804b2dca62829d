import type { Database } from '../../../platform/sqlite/database.ts'
import { relaxedOperations, type StoreOperations } from '../operations.ts'
import { accountOperations } from './accounts.ts'
import { annotationOperations } from './annotations.ts'
import { flagOperations } from './flags.ts'
import { grantOperations } from './grants.ts'
import { lessonOperations } from './lessons.ts'
import { mailboxOperations } from './mailboxes.ts'
import { messageOperations } from './messages.ts'
import { outgoingOperations } from './outgoing.ts'
import { noteOperations, prepareNoteSql } from './outgoing-notes.ts'
import { prepareOutgoingSql } from './outgoing-sql.ts'
import { retentionOperations } from './retention.ts'
import { prepareRuleSql } from './rule-sql.ts'
import { prepareScriptSql, scriptOperations } from './scripts.ts'
import { prepareSenderSql, senderOperations } from './senders.ts'
import { prepareSql } from './sql.ts'
import { sweepOperations } from './sweep.ts'
import { prepareTraceSql, traceOperations } from './traces.ts'
import { transferOperations } from './transfers.ts'

/** What the writer thread can do to mail.db. */
export function createProgram(db: Database): StoreOperations {
  const sql = prepareSql(db)
  const rules = prepareRuleSql(db)
  const notes = prepareNoteSql(db)
  const traces = prepareTraceSql(db)
  const senders = prepareSenderSql(db)
  const statements = { sql, queue: prepareOutgoingSql(db), rules }
  return {
    ...accountOperations(sql, senders),
    ...mailboxOperations(sql),
    ...annotationOperations(sql),
    ...retentionOperations(sql),
    ...grantOperations(sql),
    ...messageOperations(statements),
    ...outgoingOperations(statements, notes, traces),
    ...noteOperations(notes),
    ...traceOperations(traces),
    ...senderOperations(senders),
    ...flagOperations(sql, rules),
    ...scriptOperations(sql, prepareScriptSql(db)),
    ...transferOperations(sql, rules),
    ...lessonOperations(rules),
    ...sweepOperations(sql, rules, traces),
  }
}

export const relaxed = relaxedOperations
