import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { MessageRef } from './message.ts'
import type { TryLater } from './runtime.ts'

/**
 * The one way in for messages: SMTP, LMTP, submission, fetched and system mail. Refuses at RCPT what can be known at
 * RCPT; when `accept` says `accepted`, every copy is on disk.
 */
export interface Intake {
  /** Asked at RCPT. Looks up, checks quota and policy; reserves nothing on disk. */
  recipient(question: RecipientQuestion): Promise<RecipientAnswer>
  /** Asked at the end of the data. Authenticate, judge, plan, accept. Takes the message over, whatever the answer. */
  accept(arrival: Arrival): Promise<Accepted>
  /** Told of a message that recipients were taken for and that was never asked about: too large, broken, cut off. */
  turnedAway?(message: TurnedAway): Promise<void>
}

export interface TurnedAway extends Pick<Arrival, 'id' | 'origin' | 'sender'> {
  readonly recipients: readonly Address[]
  /** What whoever brought it heard. */
  readonly refused: Refused
}

export interface RecipientQuestion {
  readonly recipient: Address
  readonly sender: Address | undefined
  readonly origin: Origin
  /** Octets announced by SIZE=, or 0. */
  readonly size: number
}

/** How the message came: who stands behind it decides what it may do. */
export type Origin =
  /** From anywhere, for our own people only. */
  | { readonly kind: 'arrived' }
  /** From RELAYNETS or another trusted network: may address anybody. */
  | { readonly kind: 'trusted' }
  /** By somebody who signed in. */
  | { readonly kind: 'submitted'; readonly account: AccountId; readonly login: Address }
  /** From a mailbox elsewhere, whose owner wants it as it is: nobody judges it. */
  | { readonly kind: 'fetched'; readonly account: AccountId }

export type RecipientAnswer = { readonly kind: 'ok' } | Refused | TryLater

/**
 * A no, as SMTP says it: reply code, enhanced status code (RFC 3463), text that tells what to do. A code of 4xx may become a
 * yes later: a full mailbox, a spent allowance.
 */
export interface Refused {
  readonly kind: 'refused'
  readonly code: number
  readonly status: string
  readonly text: string
}

export interface Arrival {
  /** Follows the message through log and trace; in our Received header. */
  readonly id: string
  readonly connection: string
  readonly origin: Origin
  /** Undefined is the null reverse-path. */
  readonly sender: Address | undefined
  readonly recipients: readonly EnvelopeRecipient[]
  readonly message: MessageRef
  /** Trace headers that every copy gets, CRLF-ended (Received); Return-Path and Delivered-To are the intake's. */
  readonly trace: string
  readonly client: { readonly ip: string; readonly helo: string; readonly tls: boolean }
  /** RFC 8689. */
  readonly requireTls: boolean
  /** RFC 6531: the envelope or the headers need it. */
  readonly smtpUtf8: boolean
  readonly envelopeId: string | undefined
  readonly returnContent: 'full' | 'headers' | undefined
  /** Submitted to go out later: UTC milliseconds. RFC 4865. */
  readonly notBefore?: number | undefined
  /** Its account sends so much that what leaves is held until somebody has looked. */
  readonly isBraked?: boolean
  readonly receivedAt: number
  /** LMTP: each recipient gets a reply of its own. */
  readonly repliesEach?: boolean
  /** It lay in a mailbox elsewhere. */
  readonly collected?: Collected
}

/** A message that lay elsewhere in a mailbox of one of our accounts, and looks here as it did there. */
interface Collected {
  readonly account: AccountId
  /** What it is known by. Where one of them is known already, it was accepted before, and nothing is done. */
  readonly keys: readonly string[]
  /** UTC milliseconds: known so long. */
  readonly until: number
  /** Where it goes if no rule says otherwise. */
  readonly mailbox: string
  readonly flags: readonly string[]
  /** When the other server got it. */
  readonly receivedAt: number
}

export interface EnvelopeRecipient {
  readonly address: Address
  /** RFC 3461; undefined where the client said nothing. */
  readonly notify: readonly ('success' | 'failure' | 'delay' | 'never')[] | undefined
  readonly originalRecipient: string | undefined
  /** The queue's way by which it leaves, where that is not the one of its domain. */
  readonly way?: string | undefined
}

/** One entry per recipient of the arrival, in its order; SMTP folds them to one reply, LMTP gives each its own. */
export type Accepted =
  | { readonly kind: 'accepted'; readonly outcomes: readonly RecipientOutcome[] }
  | Refused
  | TryLater

export type RecipientOutcome = { readonly kind: 'done' } | Refused | TryLater
