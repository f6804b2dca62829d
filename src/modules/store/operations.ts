import type { AccountId } from '../../ports/accounts.ts'
import type { Leaving } from '../../ports/leaving.ts'
import type { Lesson } from '../../ports/lessons.ts'
import type { MailShares } from '../../ports/mail-shares.ts'
import type {
  BesideMessage,
  Copied,
  CopyTarget,
  FlagChange,
  MailboxId,
  MailWriter,
  ModSeq,
  PackedFlags,
  SpecialUse,
  Uid,
} from '../../ports/mail-store.ts'
import type { Trace } from '../../ports/mail-traces.ts'
import type { Note } from '../../ports/outgoing-notes.ts'
import type { QueueId, Settled as SettledRow, Way } from '../../ports/outgoing-queue.ts'
import type { Decision, DeliveryGuard } from '../../ports/remembered.ts'
import type { TryLater } from '../../ports/runtime.ts'
import type { SenderLists } from '../../ports/sender-lists.ts'
import type { ScriptLimits, ScriptStore } from '../../ports/sieve-scripts.ts'

/**
 * What the main thread asks of the writer thread. Each operation is one transaction; its outcome carries the answer of the
 * port and what changed, so that watchers are told before the caller goes on.
 */
export interface StoreOperations {
  putAccount(args: { account: AccountId; quotaBytes: number; now: number }): Outcome<undefined>
  removeAccount(args: { account: AccountId }): Outcome<undefined>
  accept(args: AcceptArgs): Outcome<Settled<MailWriter['accept']> | { kind: 'away' }>
  append(args: AppendArgs): Outcome<Settled<MailWriter['append']>>
  replace(args: ReplaceArgs): Outcome<Settled<MailWriter['replace']>>
  createMailbox(
    args: CreateMailboxArgs,
  ): Outcome<
    { kind: 'created'; id: MailboxId } | { kind: 'exists' } | { kind: 'limit' } | { kind: 'use-taken' }
  >
  renameMailbox(args: {
    account: AccountId
    from: string
    to: string
    now: number
  }): Outcome<Settled<MailWriter['renameMailbox']>>
  deleteMailbox(args: {
    account: AccountId
    name: string
    now: number
  }): Outcome<Settled<MailWriter['deleteMailbox']>>
  annotate(args: AnnotateArgs): Outcome<Settled<MailWriter['annotate']>>
  retain(args: RetainArgs): Outcome<{ kind: 'done' } | { kind: 'missing' }>
  grant(args: GrantArgs): Outcome<Settled<MailShares['grant']>>
  subscribe(args: SubscriptionArgs): Outcome<Settled<MailWriter['subscribe']>>
  unsubscribe(args: SubscriptionArgs): Outcome<Settled<MailWriter['unsubscribe']>>
  changeFlags(args: ChangeFlagsArgs): Outcome<FlagsChanged>
  copy(args: CopyArgs): Outcome<Settled<() => Promise<Copied>>>
  move(args: CopyArgs): Outcome<Settled<() => Promise<Copied>>>
  expunge(args: ExpungeArgs): Outcome<Settled<MailWriter['expunge']>>
  remove(args: RemoveArgs): Outcome<Settled<MailWriter['remove']>>
  settleOutgoing(args: SettleArgs): Outcome<'settled' | 'known'>
  changeOutgoing(args: ChangeOutgoingArgs): Outcome<number>
  noteOutgoing(args: NoteArgs): Outcome<undefined>
  keepTraces(args: { traces: readonly Trace[]; now: number }): Outcome<undefined>
  listSender(args: {
    account: number
    sender: string
    wanted: boolean
    at: number
  }): Outcome<Settled<SenderLists['put']>>
  unlistSender(args: { account: number; sender: string }): Outcome<Settled<SenderLists['remove']>>
  putScript(args: PutScriptArgs): Outcome<Settled<ScriptStore['put']>>
  setActiveScript(args: {
    owner: number
    name: string | undefined
  }): Outcome<Settled<ScriptStore['setActive']>>
  renameScript(args: { owner: number; from: string; to: string }): Outcome<Settled<ScriptStore['rename']>>
  removeScript(args: { owner: number; name: string }): Outcome<Settled<ScriptStore['remove']>>
  lessonsTaught(args: { lessons: readonly Pick<Lesson, 'email' | 'spam'>[] }): Outcome<undefined>
  sweep(args: SweepArgs): Swept
  forgetBlobs(args: { blobs: readonly string[] }): undefined
}

/** Operations whose loss in a power cut is bearable for a second. */
export const relaxedOperations = [
  'changeFlags',
  'noteOutgoing',
  'keepTraces',
] as const satisfies readonly (keyof StoreOperations)[]

type Settled<M extends (...args: never) => Promise<unknown>> = Exclude<Awaited<ReturnType<M>>, TryLater>

export interface Outcome<T> {
  readonly answer: T
  readonly changes: readonly StoredChange[]
}

/** A `MailChange` with its account, packed: all messages of one change share its modSeq. */
export type StoredChange =
  | {
      readonly kind: 'messages'
      readonly account: AccountId
      readonly mailbox: MailboxId
      readonly modSeq: ModSeq
      readonly arrived: PackedStates
      readonly flagged: PackedStates
      readonly expunged: readonly Uid[]
      /** What the mailbox, and so its account, gained or lost. */
      readonly bytes: number
      readonly messages: number
    }
  | {
      readonly kind: 'mailboxes'
      readonly account: AccountId
      readonly modSeq: ModSeq
      readonly deleted: readonly MailboxId[]
    }
  | {
      readonly kind: 'annotations'
      readonly account: AccountId
      readonly modSeq: ModSeq
      /** 0 is all mail of the account. */
      readonly mailbox: MailboxId
      readonly names: readonly string[]
    }

/** Parallel arrays. */
export interface PackedStates {
  readonly uids: readonly Uid[]
  readonly flags: readonly PackedFlags[]
}

export const codecs = { plain: 0, zstd: 1 } as const

/** A body as it goes into its row. */
export interface StoredBody {
  readonly size: number
  readonly crc: number
  readonly codec: (typeof codecs)[keyof typeof codecs]
  readonly blob: string | undefined
  readonly frames: Uint8Array | undefined
  readonly trace: string | undefined
  readonly head: Uint8Array | undefined
  readonly rest: Uint8Array | undefined
}

/** What one account's email row holds beside its body; flat, since it crosses to the writer thread. */
export interface StoredIndex {
  readonly size: number
  readonly attachments: number
  readonly prefix: string
  readonly envelope: string
  readonly structure: string
  readonly basicStructure: string
  readonly parts: string
  readonly preview: string
  readonly subject: string
  readonly fromText: string
  readonly toText: string
  readonly ccText: string
  readonly bccText: string
  readonly sentAt: number | undefined
  readonly sentDay: number | undefined
  readonly messageId: string | undefined
  readonly baseSubject: string
  readonly isReply: boolean
  readonly sortFrom: string
  readonly sortTo: string
  readonly sortCc: string
  readonly displayFrom: string
  readonly displayTo: string
  /** See `packMessageIds`. */
  readonly messageIds: Uint8Array
  /** See `packListFields`. */
  readonly listFields: string | undefined
  /** See `threadKeys`. */
  readonly threadKeys: readonly number[]
}

export interface AcceptArgs extends StoredDelivery {
  readonly now: number
  readonly beside: readonly (StoredDelivery & { readonly once: BesideMessage['once'] })[]
  readonly guards: readonly DeliveryGuard[]
  readonly decisions: readonly Decision[]
  readonly arrival: string
  readonly sender: string
}

/** One body and all that it goes to. */
export interface StoredDelivery {
  readonly body: StoredBody
  readonly copies: readonly {
    readonly account: AccountId
    readonly mailbox: string
    readonly flags: readonly string[]
    readonly receivedAt: number
    readonly index: StoredIndex
  }[]
  readonly outgoing: readonly StoredLeaving[]
}

/** An envelope for other servers, flat. */
export interface StoredLeaving extends Leaving {
  readonly arrival: string
  /** Prefix and body. */
  readonly size: number
}

export interface SettleArgs {
  readonly rows: readonly SettledRow[]
  readonly reports: readonly AcceptArgs[]
  readonly once: Note | undefined
  readonly now: number
}

export interface ChangeOutgoingArgs {
  readonly what: 'hold' | 'release' | 'retry' | 'drop' | 'reroute'
  readonly ids: readonly QueueId[]
  /** For `reroute`; undefined: the domain of the address. */
  readonly way?: Way | undefined
  readonly now: number
}

export interface NoteArgs {
  readonly put: readonly Note[]
  readonly drop: readonly Pick<Note, 'kind' | 'name'>[]
  readonly now: number
}

export interface AppendArgs {
  readonly account: AccountId
  readonly mailbox: MailboxId
  readonly now: number
  readonly messages: readonly StoredMessage[]
}

export interface StoredMessage {
  readonly body: StoredBody
  readonly index: StoredIndex
  readonly flags: readonly string[]
  readonly receivedAt: number
}

export interface ReplaceArgs {
  readonly account: AccountId
  readonly from: MailboxId
  readonly uid: Uid
  readonly to: Pick<CopyTarget, 'owner' | 'mailbox'>
  readonly now: number
  readonly message: StoredMessage
}

interface CreateMailboxArgs {
  readonly account: AccountId
  readonly name: string
  readonly specialUse: SpecialUse | undefined
}

export interface AnnotateArgs {
  readonly account: AccountId
  /** 0 is the account. */
  readonly mailbox: MailboxId
  readonly changes: Parameters<MailWriter['annotate']>[2]
}

interface RetainArgs {
  readonly account: AccountId
  readonly mailbox: string
  /** Undefined takes the rule away. */
  readonly days: number | undefined
}

export interface GrantArgs {
  readonly owner: AccountId
  readonly mailbox: MailboxId
  /** 0 is anyone. */
  readonly grantee: number
  readonly negative: boolean
  readonly change: Parameters<MailShares['grant']>[3]
}

interface SubscriptionArgs {
  readonly account: AccountId
  readonly name: string
}

export interface ChangeFlagsArgs {
  readonly account: AccountId
  readonly mailbox: MailboxId
  readonly uids: readonly Uid[]
  readonly change: FlagChange
  readonly now: number
}

type FlagsChanged =
  | {
      readonly kind: 'changed'
      /** Parallel arrays, ascending. */
      readonly uids: readonly Uid[]
      readonly flags: readonly PackedFlags[]
      readonly modSeqs: readonly ModSeq[]
      readonly modified: readonly Uid[]
      readonly modSeq: ModSeq
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'too-many-keywords' }

export interface CopyArgs {
  readonly account: AccountId
  readonly from: MailboxId
  readonly uids: readonly Uid[]
  readonly to: CopyTarget
  readonly now: number
}

export interface ExpungeArgs {
  readonly account: AccountId
  readonly mailbox: MailboxId
  readonly uids: readonly Uid[] | undefined
  readonly now: number
}

export interface RemoveArgs {
  readonly account: AccountId
  readonly mailbox: MailboxId
  readonly uids: readonly Uid[]
  readonly now: number
}

export interface PutScriptArgs {
  /** 0 is the server. */
  readonly owner: number
  readonly name: string
  readonly text: string
  readonly limits: ScriptLimits
  readonly now: number
}

export interface SweepArgs {
  readonly now: number
  /** How long what was expunged stays, and then its file. */
  readonly keepMs: number
  /** Rows a step looks at. */
  readonly limit: number
}

export interface Swept {
  /** True where the step met its limit: call again. */
  readonly more: boolean
  /** Files to unlink now; then `forgetBlobs`. */
  readonly blobs: readonly string[]
}
