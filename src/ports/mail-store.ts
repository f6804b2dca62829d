import type { AccountId } from './accounts.ts'
import type { FlagScope } from './flag-scope.ts'
import type { Leaving } from './leaving.ts'
import type { ColumnName, ColumnValues } from './mail-columns.ts'
import type { ByteRange, MessageRef } from './message.ts'
import type { Decision, DeliveryGuard, KeptDecision, RememberedKey } from './remembered.ts'
import type { Stop, TryLater } from './runtime.ts'

/** Immutable, never reused. */
export type MailboxId = number
export type Uid = number
/** One counter per account; every change of its mail raises it. RFC 7162. */
export type ModSeq = number

/** The mail of all accounts. Readers and writers are different types, so that who only reads cannot write. */
export interface MailStore extends MailReader, MailWriter {}

export interface MailReader {
  /** All mailboxes of the account, sorted by name. `putAccount` makes INBOX and the special-use ones, subscribed. */
  mailboxes(account: AccountId): Promise<readonly Mailbox[]>
  mailbox(account: AccountId, name: string): Promise<Mailbox | undefined>
  /** Subscribed names; a name may outlive its mailbox. RFC 9051 §6.3.7. */
  subscriptions(account: AccountId): Promise<readonly string[]>

  /**
   * Who is in the mailbox, by ascending uid: exactly as of its `highestModSeq`, so a watcher may still hear of changes up to
   * it. The arrays are shared with others and never change: do not write to them. Undefined where the mailbox is gone.
   */
  image(account: AccountId, mailbox: MailboxId): Promise<MailboxImage | undefined>
  /** What changed after `since`; `too-old` where the change log no longer reaches back. RFC 7162 §3.2.5.2. */
  changesSince(
    account: AccountId,
    mailbox: MailboxId,
    since: ModSeq,
  ): Promise<
    { kind: 'changes'; expunged: readonly Uid[]; modSeq: ModSeq } | { kind: 'too-old' } | { kind: 'missing' }
  >

  /** Rows of the named uids that exist, ascending; at most 1,000 uids a call. Only the asked fields are filled. */
  rows(
    account: AccountId,
    mailbox: MailboxId,
    uids: readonly Uid[],
    fields: readonly RowField[],
  ): Promise<readonly MessageRow[]>
  /**
   * One value of each message whose uid is at least `from`, ascending, some hundreds at a time; none are left when none come.
   * For who keeps an index over a whole mailbox: a message never changes, and its uid is never used again.
   */
  column(
    account: AccountId,
    mailbox: MailboxId,
    name: ColumnName,
    from: Uid,
    atMost?: number,
  ): Promise<ColumnValues>
  /** Bytes of a message as it stands in the mailbox, trace headers first. Ask for large ones in pieces of at most 1 MiB. */
  bytes(account: AccountId, mailbox: MailboxId, uid: Uid, range?: ByteRange): Promise<Uint8Array | undefined>
  /** Whole messages in one call, ascending by uid, up to about `maxBytes` in all (at least one). For bulk readers. */
  bodies(
    account: AccountId,
    mailbox: MailboxId,
    uids: readonly Uid[],
    maxBytes: number,
  ): Promise<readonly { readonly uid: Uid; readonly bytes: Uint8Array }[]>

  /** What clients noted about a mailbox, or about all mail of the account where none is named; by name. RFC 5464. */
  annotations(account: AccountId, mailbox: MailboxId | undefined): Promise<readonly Annotation[]>

  /** What rules decided about this account's mail in the last weeks, the newest first; `before` is the last number of the page before. */
  decisions(account: AccountId, atMost: number, before?: number): Promise<readonly KeptDecision[]>
  usage(account: AccountId): Promise<Usage>
  /** The keywords of each set named by `PackedFlags`; sets never change, so answers can be kept. */
  keywordSets(ids: readonly number[]): Promise<readonly (readonly string[])[]>
  /** Calls back after each committed change of this account, before the writer's own promise resolves. */
  watch(account: AccountId, onChange: (change: MailChange) => void): Stop
}

export interface MailWriter {
  /**
   * Carries out a delivery: all that it names in one transaction, or nothing. When it says `accepted`, everything is
   * on disk and visible. Never fails on quota. The refs are taken over when it says so, and not otherwise.
   */
  accept(delivery: Delivery): Promise<
    | { kind: 'accepted'; placed: readonly Placed[] }
    /** Guards that did not hold: nothing was done. Plan again, with these as seen. */
    | { kind: 'known'; keys: readonly RememberedKey[] }
    | TryLater
  >

  /** Takes the refs over. All or none. */
  append(
    account: AccountId,
    mailbox: MailboxId,
    messages: readonly NewMessage[],
  ): Promise<
    | { kind: 'appended'; uidValidity: number; uids: readonly Uid[]; modSeq: ModSeq }
    | { kind: 'missing' }
    | { kind: 'over-quota' }
    | TryLater
  >
  /**
   * Puts a message into `to` and takes `uid` out of `from`, whatever its flags, in one transaction. RFC 8508. Takes the ref over.
   * `missing`: there is no such message (any more). `to` may be another account's, which is charged for it then.
   */
  replace(
    account: AccountId,
    from: MailboxId,
    uid: Uid,
    to: MailboxId | Pick<CopyTarget, 'owner' | 'mailbox'>,
    message: NewMessage,
  ): Promise<
    | { kind: 'replaced'; uidValidity: number; uid: Uid; modSeq: ModSeq }
    | { kind: 'missing' }
    | { kind: 'missing-target' }
    | { kind: 'over-quota' }
    | TryLater
  >
  /** `use-taken`: another mailbox has the special use. RFC 6154 §3. */
  createMailbox(
    account: AccountId,
    name: string,
    specialUse?: SpecialUse,
  ): Promise<
    | { kind: 'created'; mailbox: Mailbox }
    | { kind: 'exists' }
    | { kind: 'limit' }
    | { kind: 'use-taken' }
    | TryLater
  >
  /** Children move with it. Renaming INBOX moves its messages and leaves it empty. RFC 9051 §6.3.6. */
  renameMailbox(
    account: AccountId,
    from: string,
    to: string,
  ): Promise<{ kind: 'renamed' } | { kind: 'missing' } | { kind: 'exists' } | { kind: 'limit' } | TryLater>
  /** A mailbox with children goes, the children stay. Never INBOX. */
  deleteMailbox(
    account: AccountId,
    name: string,
  ): Promise<{ kind: 'deleted' } | { kind: 'missing' } | { kind: 'refused' } | TryLater>
  /** All or none; an undefined value removes. What an account notes about another's mailbox is its own, and goes with the mailbox. */
  annotate(
    account: AccountId,
    mailbox: MailboxId | undefined,
    changes: readonly { readonly name: string; readonly value: Uint8Array | undefined }[],
  ): Promise<{ kind: 'done' } | { kind: 'missing' } | { kind: 'too-many' } | TryLater>
  subscribe(account: AccountId, name: string): Promise<{ kind: 'done' } | { kind: 'limit' } | TryLater>
  unsubscribe(account: AccountId, name: string): Promise<{ kind: 'done' } | TryLater>

  changeFlags(
    account: AccountId,
    mailbox: MailboxId,
    uids: readonly Uid[],
    change: FlagChange,
  ): Promise<
    | {
        kind: 'changed'
        /** Those whose flags are as asked now, changed or not; the new modSeq stands on those that changed. */
        done: readonly FlagState[]
        /** Refused by `unchangedSince`. RFC 7162 §3.1.3. */
        modified: readonly Uid[]
        modSeq: ModSeq
      }
    | { kind: 'missing' }
    | { kind: 'too-many-keywords' }
    | TryLater
  >
  /** To another account's mailbox too: a copy there is a message of its own, with another email id, in that account's quota. */
  copy(account: AccountId, from: MailboxId, uids: readonly Uid[], to: MailboxId | CopyTarget): Promise<Copied>
  /** One transaction: a message is in one of the two, never in both or none. RFC 6851. */
  move(account: AccountId, from: MailboxId, uids: readonly Uid[], to: MailboxId | CopyTarget): Promise<Copied>
  /** Those of `uids` that carry \Deleted (all with that flag where `uids` is undefined). */
  expunge(account: AccountId, mailbox: MailboxId, uids?: readonly Uid[]): Promise<Expunged>
  /** Those of `uids` that are there, whatever their flags, in one transaction: POP3's UPDATE state. */
  remove(account: AccountId, mailbox: MailboxId, uids: readonly Uid[]): Promise<Expunged>
}

type Expunged =
  | { readonly kind: 'expunged'; readonly uids: readonly Uid[]; readonly modSeq: ModSeq }
  | { readonly kind: 'missing' }
  | TryLater

export interface Mailbox {
  readonly id: MailboxId
  /** Hierarchy separator `/`; the INBOX is `INBOX` in capitals. Unicode, NFC. */
  readonly name: string
  readonly uidValidity: number
  readonly uidNext: Uid
  readonly highestModSeq: ModSeq
  readonly messages: number
  readonly unseen: number
  readonly deleted: number
  /** Octets of all its messages. RFC 8438. */
  readonly bytes: number
  readonly subscribed: boolean
  readonly specialUse: SpecialUse | undefined
}

export interface Annotation {
  /** In lower case: `/private/comment`. */
  readonly name: string
  readonly value: Uint8Array
}

export type SpecialUse = '\\Archive' | '\\Drafts' | '\\Junk' | '\\Sent' | '\\Trash'

/** Parallel arrays, ascending by uid. `flags` are `PackedFlags`. */
export interface MailboxImage {
  readonly mailbox: Mailbox
  readonly uids: Uint32Array
  readonly flags: Uint32Array
  readonly modSeqs: Float64Array
}

/**
 * The low five bits are the system flags (`flagBits` in lib/flags.ts); the rest is the number of a set of keywords, whose
 * names `MailReader.keywordSets` tells. Equal flags are equal numbers within one data folder, so they can be cached.
 */
export type PackedFlags = number

export interface FlagState {
  readonly uid: Uid
  readonly flags: PackedFlags
  readonly modSeq: ModSeq
}

export interface FlagChange {
  readonly mode: 'add' | 'remove' | 'replace'
  /** `\Seen`, `\Answered`, `\Flagged`, `\Deleted`, `\Draft` and keywords. */
  readonly flags: readonly string[]
  readonly unchangedSince?: ModSeq
  /** The others stay as they are, whatever `flags` names. */
  readonly scope?: FlagScope
}

/** A mailbox that may be another account's, and may not take every flag. */
export interface CopyTarget {
  readonly owner: AccountId
  readonly mailbox: MailboxId
  readonly scope: FlagScope
}

export interface NewMessage {
  readonly message: MessageRef
  readonly flags: readonly string[]
  /** UTC milliseconds: IMAP's INTERNALDATE. */
  readonly receivedAt: number
}

export type Copied =
  | {
      readonly kind: 'copied'
      readonly uidValidity: number
      /** Parallel: `from[i]` became `to[i]`. Uids that do not exist are left out. */
      readonly from: readonly Uid[]
      readonly to: readonly Uid[]
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'missing-target' }
  | { readonly kind: 'over-quota' }
  | TryLater

export type RowField =
  | 'size'
  | 'header'
  | 'listFields'
  | 'receivedAt'
  | 'savedAt'
  | 'sentDay'
  | 'envelope'
  | 'structure'
  | 'basicStructure'
  | 'parts'
  | 'preview'
  | 'search'
  | 'ids'

/** Filled as asked for; strings are ready for the wire. Offsets in `parts` count from the first byte of the stored message. */
export interface MessageRow {
  readonly uid: Uid
  readonly size?: number
  readonly receivedAt?: number
  /** When it came into this mailbox, UTC milliseconds. RFC 8514. */
  readonly savedAt?: number
  /** The Date field as written, time and zone left out, in days since 1970-01-01; missing where it cannot be read. */
  readonly sentDay?: number
  /** One character per octet, with its empty line, trace headers first. Missing for very long ones: read those by `bytes`. */
  readonly header?: string
  /** The short ones of its fields, packed; `listFieldPicker` in lib/mime reads it. Where it is missing, `header` is there as if asked for. */
  readonly listFields?: string
  /** IMAP ENVELOPE. */
  readonly envelope?: string
  /** IMAP BODYSTRUCTURE. */
  readonly structure?: string
  /** IMAP BODY: the same without extension data. */
  readonly basicStructure?: string
  /** Packed; `unpackParts` in lib/mime reads it. */
  readonly parts?: string
  readonly preview?: string
  /** Decoded texts for SEARCH and SORT. */
  readonly search?: SearchTexts
  readonly ids?: { readonly emailId: string; readonly threadId: string }
}

interface SearchTexts {
  readonly subject: string
  readonly from: string
  readonly to: string
  readonly cc: string
  readonly bcc: string
  /** UTC milliseconds of the Date field; undefined where it cannot be read. */
  readonly sentAt: number | undefined
}

export interface Usage {
  readonly quotaBytes: number
  readonly usedBytes: number
  readonly messages: number
  /** False for accounts that were never made known, or are removed. */
  readonly active: boolean
  /** It was here, and is gone for good. */
  readonly removed?: boolean
}

/** One committed change. All parts of one transaction that touch a mailbox come in one event. */
export type MailChange =
  | {
      readonly kind: 'messages'
      readonly mailbox: MailboxId
      readonly modSeq: ModSeq
      readonly arrived: readonly FlagState[]
      readonly flagged: readonly FlagState[]
      readonly expunged: readonly Uid[]
    }
  | { readonly kind: 'mailboxes'; readonly modSeq: ModSeq; readonly deleted: readonly MailboxId[] }
  /** Of a mailbox, or of all mail of the account where none is named. */
  | {
      readonly kind: 'annotations'
      readonly modSeq: ModSeq
      readonly mailbox: MailboxId | undefined
      readonly names: readonly string[]
    }

/** What a plan comes to: plain data, carried out in one transaction. */
export interface Delivery {
  /** The arrival's id; stands in the trace. */
  readonly id: string
  readonly message: MessageRef
  readonly copies: readonly LocalCopy[]
  /** Envelopes for other servers: their rows are in the queue when it says `accepted`. */
  readonly outgoing?: readonly Leaving[]
  /** What rules made of the message, and what they write. */
  readonly beside?: readonly BesideMessage[]
  /** What has to be new for this plan to hold. */
  readonly guards?: readonly DeliveryGuard[]
  /** What rules decided, kept for some weeks also where no message was kept. */
  readonly decisions?: readonly Decision[]
  readonly trace: DeliveryTrace
}

/** Another message of the same transaction. Where an account is gone meanwhile, its copy is left away. */
export interface BesideMessage {
  readonly message: MessageRef
  readonly copies: readonly LocalCopy[]
  readonly outgoing: readonly Leaving[]
  /** Left away where the key is known, and makes it known. */
  readonly once: (RememberedKey & { readonly until: number }) | undefined
}

export interface LocalCopy {
  readonly account: AccountId
  /** Name; created and subscribed where it is missing. */
  readonly mailbox: string
  readonly flags: readonly string[]
  /** Trace headers in front of the shared message, CRLF-ended. */
  readonly prefix: string
  readonly receivedAt: number
}

export interface Placed {
  readonly account: AccountId
  readonly mailbox: MailboxId
  readonly uid: Uid
}

/** Kept with the message, so that "why is it here" has an answer. */
interface DeliveryTrace {
  readonly connection: string
  readonly ip: string
  readonly helo: string
  readonly sender: string
  readonly at: number
  /** Per envelope recipient: the address as given, and the steps that led to a mailbox. */
  readonly recipients: readonly { readonly address: string; readonly steps: readonly string[] }[]
}
