import type { AnnotateArgs, StoreOperations } from '../operations.ts'
import { activeAccount } from './owners.ts'
import type { Sql } from './sql.ts'

/** Of one account. RFC 5464 §4.3 lets a server stop somewhere. */
const mostAnnotations = 1_000

export function annotationOperations(sql: Sql): Pick<StoreOperations, 'annotate'> {
  return { annotate: (args) => annotate(sql, args) }
}

/** Nobody watches annotations, and they have no counter. */
function annotate(
  sql: Sql,
  { account, mailbox, changes }: AnnotateArgs,
): ReturnType<StoreOperations['annotate']> {
  const isThere = activeAccount(sql, account) && (mailbox === 0 || sql.mailbox.get(mailbox))
  if (!isThere) return { answer: { kind: 'missing' }, changes: [] }
  const more = changes.filter(({ value }) => value !== undefined).length
  if (more > 0 && (sql.annotationCount.get(account) ?? 0) + more > mostAnnotations)
    return { answer: { kind: 'too-many' }, changes: [] }
  for (const { name, value } of changes) {
    if (value) sql.annotate.run(account, mailbox, name, value)
    else sql.deleteAnnotation.run(account, mailbox, name)
  }
  return { answer: { kind: 'done' }, changes: [] }
}
