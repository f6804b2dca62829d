import type { AccountId } from '../../ports/accounts.ts'
import type { CopyTarget, Delivery, MailboxId, MailReader, MailWriter } from '../../ports/mail-store.ts'
import type { MessageRef } from '../../ports/message.ts'
import type { Way } from '../../ports/outgoing-queue.ts'
import type { Clock } from '../../ports/runtime.ts'
import { copyAcross, moveAcross } from './across.ts'
import type { Blobs } from './blobs.ts'
import type { Compression } from './codec.ts'
import type { SealedSpools } from './message-bytes.ts'
import type { AcceptArgs, StoredBody, StoredDelivery } from './operations.ts'
import { storedBody, storedIndex } from './stored-message.ts'
import { tryLater } from './try-later.ts'
import { wayOf } from './way-of.ts'
import type { Writing } from './writing.ts'

interface MailWriting {
  readonly writing: Writing
  readonly reader: MailReader
  readonly blobs: Blobs
  readonly spools: SealedSpools
  readonly compression: Compression
  readonly clock: Clock
  /** Something is in the queue that was not. */
  readonly onOutgoing: (ways: readonly Way[]) => void
}

/** Prepares what a transaction needs, sends it to the writer thread, and tells the watchers. */
export function createMailWriter(parts: MailWriting): MailWriter {
  const { writing, clock } = parts
  return {
    accept: (delivery) => accept(parts, delivery),
    append: (account, mailbox, messages) => append(parts, account, mailbox, messages),
    replace: (account, from, uid, to, message) => replace(parts, account, from, uid, to, message),
    createMailbox: (account, name, specialUse) => createMailbox(parts, account, name, specialUse),
    renameMailbox: (account, from, to) =>
      writing.attempt('renameMailbox', { account, from, to, now: clock.now() }),
    deleteMailbox: (account, name) => writing.attempt('deleteMailbox', { account, name, now: clock.now() }),
    annotate: (account, mailbox = 0, changes) => writing.attempt('annotate', { account, mailbox, changes }),
    subscribe: (account, name) => writing.attempt('subscribe', { account, name }),
    unsubscribe: (account, name) => writing.attempt('unsubscribe', { account, name }),
    async changeFlags(account, mailbox, uids, change) {
      const answer = await writing.attempt('changeFlags', {
        account,
        mailbox,
        uids,
        change,
        now: clock.now(),
      })
      if (answer.kind !== 'changed') return answer
      const { flags, modSeqs, modified, modSeq } = answer
      const done = answer.uids.map((uid, index) => ({
        uid,
        flags: flags[index] ?? 0,
        modSeq: modSeqs[index] ?? 0,
      }))
      return { kind: 'changed', done, modified, modSeq }
    },
    copy: (account, from, uids, to) => {
      const transfer = { account, from, uids, to: targetOf(account, to), now: clock.now() }
      if (transfer.to.owner !== account) return copyAcross(writing, transfer)
      return writing.attempt('copy', transfer)
    },
    move: (account, from, uids, to) => {
      const transfer = { account, from, uids, to: targetOf(account, to), now: clock.now() }
      if (transfer.to.owner !== account) return moveAcross(writing, transfer)
      return writing.attempt('move', transfer)
    },
    expunge: (account, mailbox, uids) =>
      writing.attempt('expunge', { account, mailbox, uids, now: clock.now() }),
    remove: (account, mailbox, uids) =>
      writing.attempt('remove', { account, mailbox, uids, now: clock.now() }),
  }
}

const everyFlag = { seen: true, deleted: true, others: true }

function targetOf<Target>(owner: AccountId, to: MailboxId | Target): Target | CopyTarget {
  return typeof to === 'number' ? { owner, mailbox: to, scope: everyFlag } : to
}

async function accept(
  parts: MailWriting,
  delivery: Parameters<MailWriter['accept']>[0],
): ReturnType<MailWriter['accept']> {
  const { writing } = parts
  const { message, beside = [] } = delivery
  if (isNothing(delivery)) {
    await discardTaken(parts, [message])
    return { kind: 'accepted', placed: [] }
  }
  try {
    const answer = await writing.run('accept', await acceptArgs(parts, delivery))
    if (answer.kind === 'away') {
      return {
        kind: 'later',
        reason: 'not-there-yet',
        text: 'The mailbox is not ready for mail. Try again later.',
      }
    }
    if (answer.kind === 'known') return answer
    keepTaken(parts, [message, ...beside.map((other) => other.message)])
    const ways = new Set([delivery, ...beside].flatMap(waysOf))
    if (ways.size > 0) parts.onOutgoing([...ways])
    return answer
  } catch (error) {
    return tryLater(error)
  }
}

function isNothing({ copies, outgoing = [], beside = [], guards = [], decisions = [] }: Delivery): boolean {
  return [copies, outgoing, beside, guards, decisions].every(({ length }) => length === 0)
}

function waysOf({ outgoing = [] }: Pick<Delivery, 'outgoing'>): readonly Way[] {
  return outgoing.flatMap((leaving) => leaving.recipients.map((recipient) => wayOf(leaving, recipient)))
}

/** What the writer thread needs of a delivery; spool files are in their places afterwards. */
export async function acceptArgs(
  parts: Pick<MailWriting, 'blobs' | 'spools' | 'compression' | 'clock'>,
  delivery: Delivery,
): Promise<AcceptArgs> {
  const { id, trace, beside = [], guards = [], decisions = [] } = delivery
  const writtenTrace = JSON.stringify({ id, ...trace })
  const others = []
  for (const { once, ...other } of beside)
    others.push({ once, ...(await storedDelivery(parts, id, other, writtenTrace)) })
  return {
    ...(await storedDelivery(parts, id, delivery, writtenTrace)),
    now: parts.clock.now(),
    beside: others,
    guards,
    decisions,
    arrival: id,
    sender: trace.sender,
  }
}

async function storedDelivery(
  parts: Pick<MailWriting, 'blobs' | 'spools' | 'compression'>,
  arrival: string,
  { message, copies, outgoing = [] }: Pick<Delivery, 'message' | 'copies' | 'outgoing'>,
  trace: string,
): Promise<StoredDelivery> {
  const body = await storedBody(parts, message, trace)
  return {
    body,
    copies: copies.map(({ prefix, ...copy }) => ({
      ...copy,
      index: storedIndex(message.index, prefix, body),
    })),
    outgoing: outgoing.map((leaving) => ({
      ...leaving,
      arrival,
      size: message.size + Buffer.byteLength(leaving.prefix),
    })),
  }
}

async function append(
  parts: MailWriting,
  ...[account, mailbox, messages]: Parameters<MailWriter['append']>
): ReturnType<MailWriter['append']> {
  const { writing, clock } = parts
  const refs = messages.map(({ message }) => message)
  try {
    const bodies: StoredBody[] = []
    for (const ref of refs) bodies.push(await storedBody(parts, ref, undefined))
    const answer = await writing.run('append', {
      account,
      mailbox,
      now: clock.now(),
      messages: messages.flatMap(({ message, flags, receivedAt }, index) => {
        const body = bodies[index]
        return body ? [{ body, index: storedIndex(message.index, '', body), flags, receivedAt }] : []
      }),
    })
    if (answer.kind === 'appended') keepTaken(parts, refs)
    else await discardTaken(parts, refs)
    return answer
  } catch (error) {
    return tryLater(error)
  }
}

async function replace(
  parts: MailWriting,
  ...[account, from, uid, to, { message, flags, receivedAt }]: Parameters<MailWriter['replace']>
): ReturnType<MailWriter['replace']> {
  const { writing, clock } = parts
  try {
    const body = await storedBody(parts, message, undefined)
    const answer = await writing.run('replace', {
      account,
      from,
      uid,
      to: targetOf(account, to),
      now: clock.now(),
      message: { body, index: storedIndex(message.index, '', body), flags, receivedAt },
    })
    if (answer.kind === 'replaced') keepTaken(parts, [message])
    else await discardTaken(parts, [message])
    return answer
  } catch (error) {
    return tryLater(error)
  }
}

export function keepTaken({ spools }: Pick<MailWriting, 'spools'>, refs: readonly MessageRef[]): void {
  for (const ref of refs) if (ref.kind === 'spooled') spools.forget(ref.spool)
}

/** Taken over, but not kept: no row names the file. */
async function discardTaken({ spools, blobs }: MailWriting, refs: readonly MessageRef[]): Promise<void> {
  for (const ref of refs) {
    if (ref.kind !== 'spooled') continue
    spools.forget(ref.spool)
    await blobs.removeSpool(ref.spool)
    await blobs.remove(ref.spool)
  }
}

async function createMailbox(
  { writing, reader }: MailWriting,
  ...[account, name, specialUse]: Parameters<MailWriter['createMailbox']>
): ReturnType<MailWriter['createMailbox']> {
  const answer = await writing.attempt('createMailbox', { account, name, specialUse })
  if (answer.kind !== 'created') return answer
  const mailbox = await reader.mailbox(account, name)
  // Deleted again by somebody else in the same moment.
  if (!mailbox) return { kind: 'exists' }
  return { kind: 'created', mailbox }
}
