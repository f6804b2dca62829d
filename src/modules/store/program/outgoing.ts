import type { ChangeOutgoingArgs, SettleArgs, StoredChange, StoreOperations } from '../operations.ts'
import { recount } from './leaving.ts'
import { type AcceptSql, accept } from './messages.ts'
import type { OutgoingSql } from './outgoing-sql.ts'
import type { Sql } from './sql.ts'
import { dropBody } from './sweep.ts'

/**
 * The queue. Invariants: an outgoing row has a recipient; it is one reference of its body; a destination has a row exactly
 * while one of its recipients is not held, with the earliest due of these.
 */
export function outgoingOperations(
  statements: AcceptSql,
): Pick<StoreOperations, 'settleOutgoing' | 'changeOutgoing'> {
  const { sql, queue } = statements
  return {
    settleOutgoing: (args) => settle(statements, args),
    changeOutgoing: (args) => change(sql, queue, args),
  }
}

function settle(
  statements: AcceptSql,
  { rows, reports, now }: SettleArgs,
): ReturnType<StoreOperations['settleOutgoing']> {
  const { sql, queue } = statements
  const touched = new Set<string>()
  for (const row of rows) {
    const destination =
      row.kind === 'over'
        ? remove(sql, queue, row.id, now)
        : queue.postpone.get(row.due, JSON.stringify(row.last), row.noticed ? 1 : 0, row.id)?.destination
    if (destination !== undefined) touched.add(destination)
  }
  for (const destination of touched) recount(queue, destination)
  const changes: StoredChange[] = []
  // Whose account is gone meanwhile hears nothing; the rest of the transaction stands.
  for (const report of reports) changes.push(...accept(statements, report).changes)
  return { answer: undefined, changes }
}

function change(
  sql: Sql,
  queue: OutgoingSql,
  { what, ids, now }: ChangeOutgoingArgs,
): ReturnType<StoreOperations['changeOutgoing']> {
  const destinations = ids.map((id) => changeOne(sql, queue, { what, id, now }))
  const found = destinations.filter((destination) => destination !== undefined)
  for (const destination of new Set(found)) recount(queue, destination)
  return { answer: found.length, changes: [] }
}

interface OneChange {
  readonly what: ChangeOutgoingArgs['what']
  readonly id: number
  readonly now: number
}

function changeOne(sql: Sql, queue: OutgoingSql, { what, id, now }: OneChange): string | undefined {
  switch (what) {
    case 'hold':
      return queue.setHeld.get(1, id)?.destination
    case 'release':
      return queue.setHeld.get(0, id)?.destination
    case 'retry':
      return queue.setDue.get(now, id)?.destination
    case 'drop':
      return remove(sql, queue, id, now)
  }
}

/** The message goes with its last recipient. */
function remove(sql: Sql, queue: OutgoingSql, id: number, now: number): string | undefined {
  const row = queue.deleteRecipient.get(id)
  if (!row) return undefined
  if (queue.hasRecipients.get(row.message) === 0) {
    const body = queue.deleteMessage.get(row.message)
    if (body !== undefined) dropBody(sql, body, now)
  }
  return row.destination
}
