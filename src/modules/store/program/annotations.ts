import type { AnnotateArgs, StoreOperations } from '../operations.ts'
import { Change } from './change.ts'
import { activeAccount } from './owners.ts'
import type { Sql } from './sql.ts'

/** Of one account. RFC 5464 §4.3 lets a server stop somewhere. */
const mostAnnotations = 1_000

export function annotationOperations(sql: Sql): Pick<StoreOperations, 'annotate'> {
  return { annotate: (args) => annotate(sql, args) }
}

function annotate(
  sql: Sql,
  { account, mailbox, changes }: AnnotateArgs,
): ReturnType<StoreOperations['annotate']> {
  const isThere = activeAccount(sql, account) && (mailbox === 0 || sql.mailbox.get(mailbox))
  if (!isThere) return { answer: { kind: 'missing' }, changes: [] }
  const more = changes.filter(({ value }) => value !== undefined).length
  if (more > 0 && (sql.annotationCount.get(account) ?? 0) + more > mostAnnotations)
    return { answer: { kind: 'too-many' }, changes: [] }
  const changed = changes.filter(({ name, value }) => {
    const { changes: rows } = value
      ? sql.annotate.run(account, mailbox, name, value)
      : sql.deleteAnnotation.run(account, mailbox, name)
    return rows > 0
  })
  const names = changed.map(({ name }) => name)
  if (names.length === 0) return { answer: { kind: 'done' }, changes: [] }
  const modSeq = new Change(sql, 0).modSeq(account)
  return { answer: { kind: 'done' }, changes: [{ kind: 'annotations', account, modSeq, mailbox, names }] }
}
