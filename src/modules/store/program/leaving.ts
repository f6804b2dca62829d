import type { StoredLeaving } from '../operations.ts'
import { wayOf } from '../way-of.ts'
import type { OutgoingSql } from './outgoing-sql.ts'

/** One envelope goes into the queue, in the transaction that accepts its message. */
export function insertLeaving(queue: OutgoingSql, body: number, leaving: StoredLeaving, now: number): void {
  const { lastInsertRowid: message } = queue.insertMessage.run(
    body,
    leaving.prefix,
    leaving.size,
    leaving.arrival,
    leaving.account ?? null,
    leaving.sender ?? '',
    leaving.smtpUtf8 ? 1 : 0,
    leaving.requireTls ? 1 : 0,
    leaving.envelopeId ?? null,
    leaving.returnContent ?? null,
    now,
  )
  const touched = new Set<string>()
  for (const recipient of leaving.recipients) {
    const { address, notify, originalRecipient } = recipient
    const destination = wayOf(leaving, recipient)
    touched.add(destination)
    queue.insertRecipient.run(
      message,
      destination,
      address,
      notify?.join(',') ?? null,
      originalRecipient ?? null,
      leaving.held ? 1 : 0,
      Math.max(leaving.notBefore, now),
      leaving.expires,
      leaving.notice ?? null,
    )
  }
  for (const destination of touched) recount(queue, destination)
}

/** To be called for every destination whose rows have changed, before the transaction ends. */
export function recount(queue: OutgoingSql, destination: string): void {
  const due = queue.earliest.get(destination)
  if (due === null || due === undefined) queue.deleteDestination.run(destination)
  else queue.setDestination.run(destination, due)
}
