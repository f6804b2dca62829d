import { nextTurn } from '../../platform/next-turn.ts'
import type { MailboxId, MailWriter } from '../../ports/mail-store.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import { dayMs, type Limited, type RetentionSql, savedPages } from './retention.ts'

const everyMs = 60 * 60 * 1000
const mailboxesPerStep = 1_000
/** Smaller mailboxes are looked through each time: that costs less than remembering them. */
const worthRemembering = 5_000

interface Expiring {
  readonly writer: Pick<MailWriter, 'remove'>
  readonly sql: RetentionSql
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/**
 * Takes out what has been in its mailbox for too long, some hundreds a transaction. Each is as if a client had expunged them:
 * those who look at the mailbox hear of it, and for a day it can be undone. Nothing is remembered on disk, so nothing is lost
 * with the process: the next look finds what this one left.
 */
export function createExpiry(parts: Expiring): { start(): void; stop(): Promise<void> } {
  const ended = new AbortController()
  const earliest = new Map<MailboxId, number>()
  const loop = async () => {
    while (!ended.signal.aborted) {
      await lookThrough(parts, earliest, ended.signal).catch((cause) =>
        parts.log.error('store.expiry-failed', cause),
      )
      await parts.clock.sleep(everyMs, ended.signal)
    }
  }
  let looping: Promise<void> = Promise.resolve()
  return {
    start() {
      looping = loop()
    },
    async stop() {
      ended.abort()
      await looping
    },
  }
}

/** `earliest`: when the oldest message of a large mailbox was saved; later ones never come before it. */
async function lookThrough(
  parts: Expiring,
  earliest: Map<MailboxId, number>,
  signal: AbortSignal,
): Promise<void> {
  for await (const mailbox of limitedMailboxes(parts.sql)) {
    if (signal.aborted) return
    const by = parts.clock.now() - mailbox.days * dayMs
    if ((earliest.get(mailbox.id) ?? 0) > by) continue
    const { kept, oldest } = await expire(parts, mailbox, by, signal)
    if (kept >= worthRemembering) earliest.set(mailbox.id, oldest)
    else earliest.delete(mailbox.id)
  }
}

async function* limitedMailboxes(sql: RetentionSql): AsyncGenerator<Limited> {
  const last = sql.lastMailbox.get() ?? 0
  for (let after = 0; after < last; after += mailboxesPerStep) {
    yield* sql.limited(after, after + mailboxesPerStep)
    await nextTurn()
  }
}

async function expire(
  { writer, sql, log, meter }: Expiring,
  { id, account, name, days }: Limited,
  by: number,
  signal: AbortSignal,
): Promise<{ kept: number; oldest: number }> {
  let messages = 0
  let kept = 0
  let oldest = Number.POSITIVE_INFINITY
  for await (const page of savedPages(sql, id, by)) {
    kept += page.others
    oldest = Math.min(oldest, page.earliest)
    if (page.overdue.length === 0) continue
    const answer = await writer.remove(account, id, page.overdue)
    if (answer.kind === 'later')
      log.warn('store.expiry-delayed', { account, mailbox: name, reason: answer.reason })
    if (answer.kind === 'expunged') messages += answer.uids.length
    // What is left goes the next time, or after the next start.
    if (answer.kind !== 'expunged' || signal.aborted) {
      kept = 0
      break
    }
  }
  if (messages > 0) {
    log.info('store.expired', { account, mailbox: name, days, messages })
    meter.count('expired_messages_total', {}, messages)
  }
  return { kept, oldest }
}
