import type { MessageIndex } from '../lib/mime/message-index.ts'

/**
 * Sieve scripts, checked and evaluated. Pure: the same script over the same facts gives the same outcome, byte for byte, and
 * nothing is changed anywhere. What must be read and written at once comes back as a guard (`SieveGuard`).
 */
export interface SieveEngine {
  /** What `require` knows, as CAPABILITY announces it. RFC 5804 §1.7. */
  capabilities(): Promise<readonly string[]>
  compile(source: SieveSource): Promise<SieveCompiled>
  evaluate(script: CompiledSieve, facts: SieveFacts): Promise<SieveOutcome>
}

export interface SieveSource {
  /** Shown with each line that decides. */
  readonly name: string
  readonly text: string
  /** The scripts that `include` may reach. RFC 6609 §3.1. */
  readonly library: readonly SieveLibraryScript[]
  /** Whose rules these are; only the server's own may do what Pigeonhole calls global. */
  readonly limits?: Partial<SieveCompileLimits>
}

export interface SieveLibraryScript {
  readonly location: 'personal' | 'global'
  readonly name: string
  readonly text: string
}

export interface SieveCompileLimits {
  readonly scriptBytes: number
  readonly includes: number
  readonly includeDepth: number
}

export type SieveCompiled =
  | {
      readonly kind: 'compiled'
      readonly script: CompiledSieve
      readonly warnings: readonly SieveProblem[]
    }
  | {
      readonly kind: 'refused'
      /** Everything that is wrong, in order of place. */
      readonly errors: readonly SieveProblem[]
      readonly warnings: readonly SieveProblem[]
    }

export interface SieveProblem {
  readonly script: string
  /** Both from 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** A checked script. Plain data, to be kept and sent about; what is in `program` is the engine's own. */
export interface CompiledSieve {
  /** A program of another format is compiled anew. */
  readonly format: number
  readonly name: string
  /** Extensions that it and its includes require. */
  readonly extensions: readonly string[]
  /** It looks into the body: `SieveMessage.bytes` must hold the whole message and not only its header. */
  readonly needsBody: boolean
  readonly program: unknown
}

/** What an evaluation may know: all of it data, so that it can be kept and evaluated again. */
export interface SieveFacts {
  readonly message: SieveMessage
  readonly envelope: SieveEnvelope
  readonly owner: SieveOwner
  /** UTC milliseconds. */
  readonly now: number
  /** Makes ids and boundaries of what the script sends. */
  readonly seed: string
  /** `environment` items beside those that follow from the other facts. RFC 5183, RFC 6785 §5. */
  readonly environment: Readonly<Record<string, string>>
  readonly mailboxes: readonly SieveMailbox[]
  /** External lists by their names. RFC 6134. */
  readonly lists: readonly { readonly name: string; readonly members: readonly string[] }[]
  readonly spam: SieveSpamVerdict
  /** Guards that did not hold at the last attempt: what was seen before. */
  readonly seen: readonly string[]
  /** Flags that a script before this one left. */
  readonly flags: readonly string[]
  readonly settings: SieveSettings
}

interface SieveMessage {
  readonly index: MessageIndex
  /** The message from its first octet: the whole of it, or at least the header where the script needs no body. */
  readonly bytes: Uint8Array
}

interface SieveEnvelope {
  /** '' is the null reverse-path; undefined where there is no envelope (RFC 6785 §3.5). */
  readonly from: string | undefined
  /** As the sender addressed it, before aliases were resolved. */
  readonly to: string | undefined
  readonly auth: string | undefined
  /** `notify`, `orcpt`, `ret`, `envid` (RFC 6009 §3), `bytimeabsolute` … (§4). */
  readonly parameters: Readonly<Record<string, string>>
}

interface SieveOwner {
  /** The mailbox's address: of vacation's sender and of notifications. */
  readonly address: string
  readonly displayedName: string
  /** Every address that reaches this person. RFC 5230 §4.5. */
  readonly addresses: readonly string[]
  /** IANA name; `date` and `currentdate` use it where no zone is given. */
  readonly timeZone: string
}

export interface SieveMailbox {
  readonly name: string
  readonly id: string
  readonly specialUse: readonly string[]
  /** IMAP METADATA entries; under the name '' those of the server. RFC 5490. */
  readonly metadata: Readonly<Record<string, string>>
}

interface SieveSpamVerdict {
  /** 0 to 100; undefined where the message was not looked at. RFC 5235 §3.2. */
  readonly spamPercent: number | undefined
  /** 0 not looked at … 5 certainly infected. RFC 5235 §3.3. */
  readonly virus: 0 | 1 | 2 | 3 | 4 | 5
}

export interface SieveSettings {
  /** Where the detail of an address begins; several marks are looked for. RFC 5233. */
  readonly recipientDelimiters: string
  readonly vacation: {
    readonly minSeconds: number
    readonly maxSeconds: number
    readonly defaultSeconds: number
    /** Answers although none of the owner's addresses stands in the header. */
    readonly answersAliases: boolean
    /** The envelope's sender is the owner, and not the null reverse-path. */
    readonly fromOwner: boolean
    /** Answers to the header's sender: the envelope's was rewritten on its way. */
    readonly toHeader: boolean
    /** Of the subject when the message has none, and when it has (`%s`). */
    readonly subject: string
    readonly subjectTemplate: string
    readonly subjectCharacters: number
  }
  readonly duplicate: { readonly defaultSeconds: number; readonly maxSeconds: number }
  readonly editHeader: {
    readonly maxFieldOctets: number
    readonly forbidAdd: readonly string[]
    readonly forbidDelete: readonly string[]
  }
  readonly limits: SieveRunLimits
}

export interface SieveRunLimits {
  /** About one for each command, test and 64 characters that are compared. */
  readonly steps: number
  readonly variableOctets: number
  /** Of all variables together. */
  readonly variableTotalOctets: number
  readonly actions: number
  readonly redirects: number
  readonly notifications: number
  readonly nestedParts: number
}

export interface SieveOutcome {
  readonly kind: 'done' | 'failed'
  /** In the order in which the script decided; for `failed` the implicit keep alone. */
  readonly actions: readonly SieveAction[]
  /** Messages that the actions name by number: `[0]` is the one that came. */
  readonly versions: readonly SieveVersion[]
  /** Keys that the `duplicate` tests believed to be new. Where one is known already: evaluate again, with it in `seen`. */
  readonly guards: readonly SieveGuard[]
  /** What stopped it. */
  readonly error: SieveProblem | undefined
  /** Nothing harmful, worth telling the owner. */
  readonly warnings: readonly SieveProblem[]
  readonly flags: readonly string[]
  readonly steps: number
}

/** What the message is now, where a script edited it: undefined is what came. */
export interface SieveVersion {
  /** With its empty line. */
  readonly header: Uint8Array | undefined
  readonly body: Uint8Array | undefined
}

/** Carried out inside the transaction of `accept`: it holds where the key is not known, and makes it known. */
export interface SieveGuard {
  readonly key: string
  /** UTC milliseconds: forgotten after it. */
  readonly until: number
  /** A repetition starts the time anew. RFC 7352 §3.3. */
  readonly renew: boolean
}

/** Which rule and which line decided. */
export interface SieveReason {
  readonly script: string
  readonly line: number
  readonly column: number
  /** As the editor named it. */
  readonly rule: string | undefined
  /** The tests that led here, outermost first. */
  readonly because: readonly { readonly script: string; readonly line: number; readonly test: string }[]
}

export type SieveAction = { readonly by: SieveReason | undefined } & (
  | {
      readonly kind: 'file'
      /** The INBOX, or where an IMAP event found it, is `undefined`: keep. */
      readonly mailbox: string | undefined
      readonly create: boolean
      readonly flags: readonly string[]
      readonly version: number
      /** No command asked for it: RFC 5228 §2.10.2. */
      readonly implicit: boolean
    }
  | { readonly kind: 'discard' }
  | {
      readonly kind: 'redirect'
      readonly to: string
      readonly version: number
      /** RFC 6009 §5. */
      readonly notify: string | undefined
      readonly ret: 'FULL' | 'HDRS' | undefined
      readonly deliverBy:
        | { readonly at: number; readonly mode: 'notify' | 'return'; readonly trace: boolean }
        | undefined
    }
  /** `smtp`: refused while the message is taken in (ereject); `message`: a disposition notification may be sent. RFC 5429. */
  | { readonly kind: 'reject'; readonly reason: string; readonly prefers: 'smtp' | 'message' }
  | SieveSending
)

/** A message that the script sends, whole but for what the queue adds. */
interface SieveSending {
  readonly kind: 'send'
  readonly purpose: 'vacation' | 'notification'
  /** Envelope: '' is the null reverse-path. */
  readonly from: string
  readonly to: readonly string[]
  /** CRLF-ended lines, with Date and Message-ID. */
  readonly message: string
  /** Sent only where the key is new. */
  readonly once: SieveGuard | undefined
  /** RFC 8580: a copy for the sender's own mailbox. */
  readonly copy:
    | { readonly mailbox: string; readonly create: boolean; readonly flags: readonly string[] }
    | undefined
}
