import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { EnvelopeRecipient } from './intake.ts'
import type { Delivery } from './mail-store.ts'
import type { ByteRange } from './message.ts'
import type { Note } from './outgoing-notes.ts'
import type { Stop, TryLater } from './runtime.ts'

/**
 * Mail that leaves, one row per recipient. Rows come from the transaction that accepts a message (`Delivery.outgoing`).
 *
 * | state     | on disk                   | what a crash leaves                                                          |
 * |-----------|---------------------------|------------------------------------------------------------------------------|
 * | waiting   | not held, due later       | the same                                                                     |
 * | due       | not held, due now or past | the same                                                                     |
 * | on its way| nothing: it is still due  | due: it is tried again. Where the other server had it already, it has it twice (RFC 1047) |
 * | held      | held                      | the same                                                                     |
 * | settled   | gone                      | gone together with the report that tells of it, or none of both              |
 */
export interface OutgoingQueue {
  /** Destinations with something due, the longest waiting first. */
  dueDestinations(now: number, limit: number): Promise<readonly Way[]>
  /** When something will be due next; undefined when nothing waits. */
  nextDue(): Promise<number | undefined>
  /** What is due there, the longest waiting first. */
  due(destination: Way, now: number, limit: number): Promise<readonly QueuedRecipient[]>
  /** Everything in the queue, by id; `after` is the last one seen, 0 at first. */
  list(after: QueueId, limit: number): Promise<readonly QueuedRecipient[]>
  /** The same of what one account sends. */
  listOf(account: AccountId, after: QueueId, limit: number): Promise<readonly QueuedRecipient[]>
  message(id: OutgoingId): Promise<OutgoingMessage | undefined>
  /** Trace headers first. Ask for large ones in pieces of at most 1 MiB. */
  bytes(id: OutgoingId, range: ByteRange): Promise<Uint8Array | undefined>
  /** What attempts came to, and the reports about them, in one transaction. Rows that are gone meanwhile stay gone. */
  settle(settlement: Settlement): Promise<{ kind: 'settled' } | { kind: 'known' } | TryLater>
  hold(ids: readonly QueueId[]): Promise<Changed>
  release(ids: readonly QueueId[]): Promise<Changed>
  /** Due now, held or not. */
  retry(ids: readonly QueueId[]): Promise<Changed>
  /** Due now, by that way; undefined: by their own again. */
  reroute(ids: readonly QueueId[], way: Way | undefined): Promise<Changed>
  /** Gone without a report. */
  drop(ids: readonly QueueId[]): Promise<Changed>
  /** Calls back after each commit that may have made something due: by these ways, where they are known. */
  watch(onNews: (ways?: readonly Way[]) => void): Stop
}

/**
 * What recipients are sent together by: the domain of their addresses, or `via:` and a relay's target (`lib/relay-target.ts`)
 * where somebody has chosen another way for them, or `from:` and a sender (`lib/route-map.ts`) who has a relay of his own.
 */
export type Way = string

/** Never reused. */
export type QueueId = number
type OutgoingId = number

export type Changed = { readonly kind: 'changed'; readonly count: number } | TryLater

export interface QueuedRecipient extends EnvelopeRecipient {
  readonly id: QueueId
  readonly message: OutgoingId
  /** Id of the message in the log. */
  readonly arrival: string
  readonly destination: Way
  readonly account: AccountId | undefined
  readonly sender: Address | undefined
  readonly size: number
  readonly held: boolean
  readonly acceptedAt: number
  readonly due: number
  readonly attempts: number
  readonly expires: number
  /** When the sender is told of the delay; undefined: never, or it was. */
  readonly notice: number | undefined
  /** Undefined before the first attempt. */
  readonly last: Attempt | undefined
}

export interface Attempt {
  readonly at: number
  /** The server's name; undefined where none was reached. */
  readonly server: string | undefined
  readonly why: string
  readonly step: string
  readonly code: number | undefined
  readonly status: string
  readonly text: string
  readonly saidBy: 'them' | 'us'
}

/** What all recipients of one envelope share. */
export interface OutgoingMessage {
  readonly arrival: string
  readonly account: AccountId | undefined
  readonly sender: Address | undefined
  /** Octets, trace headers included. */
  readonly size: number
  readonly smtpUtf8: boolean
  readonly requireTls: boolean
  readonly envelopeId: string | undefined
  readonly returnContent: 'full' | 'headers' | undefined
  readonly acceptedAt: number
}

export interface Settlement {
  readonly rows: readonly Settled[]
  /** Each is carried out as `MailWriter.accept` would, or left away where its account is gone. */
  readonly reports: readonly Delivery[]
  /** Kept in the same transaction. Where it is known already, nothing is done, and the messages stay with who asked: `known`. */
  readonly once?: Note
}

export type Settled =
  /** Sent, sent back or given up: nothing is left to do. `came` is told to whoever sent it. */
  | {
      readonly id: QueueId
      readonly kind: 'over'
      readonly came?: { readonly sent: boolean; readonly last: Attempt }
    }
  | {
      readonly id: QueueId
      readonly kind: 'later'
      readonly due: number
      readonly last: Attempt
      /** The sender is told of the delay in this settlement. */
      readonly noticed: boolean
    }
