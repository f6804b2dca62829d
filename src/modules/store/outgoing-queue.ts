import type { Address } from '../../lib/address.ts'
import type { Database } from '../../platform/sqlite/database.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { Delivery } from '../../ports/mail-store.ts'
import type {
  Attempt,
  Changed,
  OutgoingMessage,
  OutgoingQueue,
  QueuedRecipient,
  QueueId,
  Settlement,
  Way,
} from '../../ports/outgoing-queue.ts'
import type { Clock, Stop } from '../../ports/runtime.ts'
import type { Blobs } from './blobs.ts'
import { readPlaced } from './bodies.ts'
import type { AcceptArgs, ChangeOutgoingArgs } from './operations.ts'
import { type OutgoingRow, prepareQueueSql, type QueuedRow } from './queue-sql.ts'
import { tryLater } from './try-later.ts'
import type { Writing } from './writing.ts'

interface QueueParts {
  readonly writing: Writing
  readonly db: Database
  readonly blobs: Blobs
  readonly clock: Clock
  readonly news: QueueNews
  readonly reports: {
    prepare(delivery: Delivery): Promise<AcceptArgs>
    keep(deliveries: readonly Delivery[]): void
  }
}

/** Who wants to know that something may be due. */
export class QueueNews {
  readonly #watchers = new Set<(ways?: readonly Way[]) => void>()

  watch(onNews: (ways?: readonly Way[]) => void): Stop {
    this.#watchers.add(onNews)
    return () => void this.#watchers.delete(onNews)
  }

  tell(ways?: readonly Way[]): void {
    for (const watcher of this.#watchers) watcher(ways)
  }
}

/** The queue as it lies in mail.db. */
export function createOutgoingQueue(parts: QueueParts): OutgoingQueue {
  const { db, blobs, news } = parts
  const sql = prepareQueueSql(db)
  return {
    dueDestinations: async (now, limit) => sql.dueDestinations.all(now, limit),
    nextDue: async () => sql.nextDue.get() ?? undefined,
    due: async (destination, now, limit) => sql.due.all(destination, now, limit).map(toRecipient),
    list: async (after, limit) => sql.list.all(after, limit).map(toRecipient),
    listOf: async (account, after, limit) => sql.listOf.all(account, after, limit).map(toRecipient),
    async message(id) {
      const row = sql.message.get(id)
      return row && toMessage(row)
    },
    async bytes(id, range) {
      const place = sql.bodyPlace.get(id)
      return place && readPlaced(blobs, place, () => sql.body.get(id), range)
    },
    settle: (settlement) => settle(parts, settlement),
    hold: (ids) => change(parts, 'hold', ids),
    release: (ids) => change(parts, 'release', ids),
    retry: (ids) => change(parts, 'retry', ids),
    drop: (ids) => change(parts, 'drop', ids),
    reroute: (ids, way) => change(parts, 'reroute', ids, way),
    watch: (onNews) => news.watch(onNews),
  }
}

async function settle(
  { writing, clock, reports: care, news }: QueueParts,
  { rows, reports, once }: Settlement,
): ReturnType<OutgoingQueue['settle']> {
  try {
    const prepared: AcceptArgs[] = []
    for (const report of reports) prepared.push(await care.prepare(report))
    const answer = await writing.run('settleOutgoing', { rows, reports: prepared, once, now: clock.now() })
    if (answer === 'known') return { kind: 'known' }
    care.keep(reports)
    // What is over makes nothing due.
    if (reports.length > 0 || rows.some(({ kind }) => kind !== 'over')) news.tell()
    return { kind: 'settled' }
  } catch (error) {
    return tryLater(error)
  }
}

async function change(
  { writing, clock, news }: QueueParts,
  what: ChangeOutgoingArgs['what'],
  ids: readonly QueueId[],
  way?: Way,
): Promise<Changed> {
  try {
    const count = await writing.run('changeOutgoing', { what, ids, way, now: clock.now() })
    news.tell()
    return { kind: 'changed', count }
  } catch (error) {
    return tryLater(error)
  }
}

function toRecipient(row: QueuedRow): QueuedRecipient {
  return {
    id: row.id,
    message: row.message,
    arrival: row.arrival,
    destination: row.destination,
    address: row.address as Address,
    notify: row.notify === null ? undefined : (row.notify.split(',') as QueuedRecipient['notify']),
    originalRecipient: row.original ?? undefined,
    account: (row.account ?? undefined) as AccountId | undefined,
    sender: (row.sender || undefined) as Address | undefined,
    size: row.size,
    held: row.held === 1,
    acceptedAt: row.accepted_at,
    due: row.due,
    attempts: row.attempts,
    expires: row.expires,
    notice: row.notice ?? undefined,
    last: row.last === null ? undefined : (JSON.parse(row.last) as Attempt),
  }
}

function toMessage(row: OutgoingRow): OutgoingMessage {
  return {
    arrival: row.arrival,
    account: (row.account ?? undefined) as AccountId | undefined,
    sender: (row.sender || undefined) as Address | undefined,
    size: row.size,
    smtpUtf8: row.smtp_utf8 === 1,
    requireTls: row.require_tls === 1,
    envelopeId: row.envelope_id ?? undefined,
    returnContent: row.return_content ?? undefined,
    acceptedAt: row.accepted_at,
  }
}
