import { type Address, domainOf } from '../../../lib/address.ts'
import type { ChangeOutgoingArgs, SettleArgs, StoredChange, StoreOperations } from '../operations.ts'
import { recount } from './leaving.ts'
import { type AcceptSql, accept } from './messages.ts'
import { isKnown, type NoteSql } from './outgoing-notes.ts'
import type { OutgoingSql } from './outgoing-sql.ts'
import type { Sql } from './sql.ts'
import { dropBody } from './sweep.ts'
import { settleTrace, type TraceSql } from './traces.ts'

/** Of what a server says, for whoever sent it. */
const longestDetail = 500

/**
 * The queue. Invariants: an outgoing row has a recipient; it is one reference of its body; a destination has a row exactly
 * while one of its recipients is not held, with the earliest due of these.
 */
export function outgoingOperations(
  statements: AcceptSql,
  notes: NoteSql,
  traces: TraceSql,
): Pick<StoreOperations, 'settleOutgoing' | 'changeOutgoing'> {
  const { sql, queue } = statements
  return {
    settleOutgoing: (args) => settle({ ...statements, notes, traces }, args),
    changeOutgoing: (args) => change({ sql, queue, traces }, args),
  }
}

function settle(
  statements: AcceptSql & { readonly notes: NoteSql; readonly traces: TraceSql },
  { rows, reports, once, now }: SettleArgs,
): ReturnType<StoreOperations['settleOutgoing']> {
  const { queue, notes } = statements
  if (once && isKnown(notes, once, now)) return { answer: 'known', changes: [] }
  if (once) notes.put.run(once.kind, once.name, once.value, once.until)
  const touched = new Set<string>()
  for (const row of rows) {
    const destination = settleOne(statements, row, now)
    if (destination !== undefined) touched.add(destination)
  }
  for (const destination of touched) recount(queue, destination)
  const changes: StoredChange[] = []
  // Whose account is gone meanwhile hears nothing; the rest of the transaction stands.
  for (const report of reports) changes.push(...accept(statements, report).changes)
  return { answer: 'settled', changes }
}

/** The destination that it touched; undefined where there is no such row any more. */
function settleOne(
  { sql, queue, traces }: QueueStatements,
  row: SettleArgs['rows'][number],
  now: number,
): string | undefined {
  if (row.kind === 'later')
    return queue.postpone.get(row.due, JSON.stringify(row.last), row.noticed ? 1 : 0, row.id)?.destination
  if (row.came) settleTrace(traces, row.id, { ...toldOf(row.came), now })
  return remove(sql, queue, row.id, now)
}

function toldOf({ sent, last }: NonNullable<Extract<SettleArgs['rows'][number], { kind: 'over' }>['came']>) {
  const { server, code, status, text } = last
  const said = [code, status, text].filter((part) => part !== undefined && part !== '').join(' ')
  const detail = server === undefined ? said : `${server}: ${said}`
  return { outcome: sent ? 'sent' : 'failed', detail: detail.slice(0, longestDetail) } as const
}

interface QueueStatements {
  readonly sql: Sql
  readonly queue: OutgoingSql
  readonly traces: TraceSql
}

function change(
  statements: QueueStatements,
  { what, ids, way, now }: ChangeOutgoingArgs,
): ReturnType<StoreOperations['changeOutgoing']> {
  const { queue } = statements
  const touched = ids.map((id) => changeOne(statements, { what, id, way, now }))
  const found = touched.filter((destinations) => destinations !== undefined)
  for (const destination of new Set(found.flat())) recount(queue, destination)
  return { answer: found.length, changes: [] }
}

interface OneChange {
  readonly what: ChangeOutgoingArgs['what']
  readonly id: number
  readonly way: string | undefined
  readonly now: number
}

/** The destinations that it touched; undefined where there is no such row. */
function changeOne(
  { sql, queue, traces }: QueueStatements,
  { what, id, way, now }: OneChange,
): readonly string[] | undefined {
  const one = (destination: string | undefined) => (destination === undefined ? undefined : [destination])
  switch (what) {
    case 'hold':
      return one(queue.setHeld.get(1, id)?.destination)
    case 'release':
      return one(queue.setHeld.get(0, id)?.destination)
    case 'retry':
      return one(queue.setDue.get(now, id)?.destination)
    case 'drop':
      settleTrace(traces, id, { outcome: 'withdrawn', detail: '', now })
      return one(remove(sql, queue, id, now))
    case 'reroute': {
      const row = queue.find.get(id)
      if (!row) return undefined
      const to = way ?? domainOf(row.address as Address)
      queue.reroute.run(to, now, id)
      return [row.destination, to]
    }
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
