/**
 * What one pass over a message learns, computed once at append and never again. Plain data.
 *
 * `envelope` and `bodyStructure` are IMAP wire text: 7-bit, quoted strings and NIL only, never a literal,
 * ready to be written behind `ENVELOPE ` and `BODYSTRUCTURE `.
 */
export interface MessageIndex {
  /** Octets of the whole message. */
  readonly size: number
  /** Octets of the header with its empty line: where the body starts. */
  readonly headerBytes: number
  /** Line feeds in the whole message. */
  readonly lines: number
  /** RFC 9051 §7.5.2 ENVELOPE, with its parentheses. */
  readonly envelope: string
  /** RFC 9051 §7.5.2 BODYSTRUCTURE with extension data; `withoutExtensions` makes BODY of it. */
  readonly bodyStructure: string
  /** Every entity in document order; the first is the message itself. `packParts` makes a short text of it. */
  readonly parts: readonly MessagePart[]
  /** RFC 8970: up to 256 characters of what a person would read first. */
  readonly preview: string
  /** How many leaves a person would call an attachment. */
  readonly attachments: number
  /** Without angle brackets. */
  readonly messageId: string | undefined
  readonly inReplyTo: readonly string[]
  readonly references: readonly string[]
  /** Decoded and unfolded; '' when the field is missing. */
  readonly subject: string
  /** RFC 5256 §2.1, case kept. */
  readonly baseSubject: string
  /** RFC 5256 §2.1: the subject bore a mark of a reply or of forwarding. */
  readonly isReply: boolean
  /** Decoded `Name <local@domain>, …`, for search and display; '' when the field is missing. */
  readonly fromText: string
  readonly toText: string
  readonly ccText: string
  readonly bccText: string
  /** First mailbox of From, To and Cc: what SORT looks at (RFC 5256 §3, RFC 5957). */
  readonly from: IndexedMailbox | undefined
  readonly to: IndexedMailbox | undefined
  readonly cc: IndexedMailbox | undefined
  /** Date as UTC milliseconds; undefined when missing or unreadable. */
  readonly sentAt: number | undefined
  /** Date as written, time and zone left out, in days since 1970-01-01: SENTSINCE (RFC 9051 §6.4.4). */
  readonly sentDay: number | undefined
  /** A limit was met: something inside is treated as one opaque leaf, or a header was read only in part. */
  readonly truncated: boolean
}

export interface IndexedMailbox {
  /** Decoded display name. */
  readonly name: string | undefined
  readonly local: string
  /** '' where the message gives none. */
  readonly domain: string
}

/**
 * One MIME entity as byte offsets into the message: `[headerStart, bodyStart)` is its header with the empty line,
 * `[bodyStart, bodyEnd)` its body, without the line end that belongs to the next boundary (RFC 2046 §5.1.1).
 */
export interface MessagePart {
  /**
   * The IMAP section that fetches the body of this entity: `1`, `2.1` for a part; for a message whose own body is
   * a multipart `TEXT`, `3.TEXT` (RFC 9051 §6.4.5.1 gives these no number). The body of a message that is not a
   * multipart is its part `1` (or `3.1`).
   */
  readonly section: string
  /** Index of the enclosing entity in the array; -1 for the message itself. */
  readonly parent: number
  readonly headerStart: number
  readonly bodyStart: number
  readonly bodyEnd: number
  /** Line feeds in the body. */
  readonly lines: number
  /** Lower case, `text/plain`. An opaque entity past a limit keeps the type it claims. */
  readonly type: string
  /** Content-Transfer-Encoding in lower case, `7bit` when missing. */
  readonly encoding: string
  /** As written, in lower case. */
  readonly charset: string | undefined
  /** Decoded file name, of Content-Disposition or Content-Type. */
  readonly name: string | undefined
  /** `attachment`, `inline`, … in lower case. */
  readonly disposition: string | undefined
  /** Content-ID without angle brackets. */
  readonly contentId: string | undefined
}

/** What is bounded while a message is read. Each has a default in `indexer.ts`. */
export interface IndexLimits {
  /** Multiparts and messages inside each other. */
  readonly depth: number
  readonly parts: number
  /** Header octets of one entity that are looked at. */
  readonly headerBytes: number
  /** Header octets of all entities together that are looked at. */
  readonly totalHeaderBytes: number
}

/** Reads a message as it arrives. Bytes may come cut anywhere; the index is the same. */
export interface MessageIndexer {
  push(chunk: Uint8Array): void
  /** Once, after the last chunk. */
  end(): MessageIndex
}

/** Octets `[start, end)` of the message. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}
