export interface ListMailbox {
  readonly kind: 'mailbox'
  /** Display name, RFC 2047 words as they are; `decodeWords` makes it readable. */
  readonly name: string | undefined
  /** Obsolete source route, `@a,@b`. */
  readonly route: string | undefined
  /** Quoting taken off. */
  readonly local: string
  /** '' when missing. */
  readonly domain: string
}

export interface ListGroup {
  readonly kind: 'group'
  readonly name: string
  readonly members: readonly ListMailbox[]
}

export type ListEntry = ListMailbox | ListGroup

/** Most addresses that one field gives. */
export const addressLimit = 10_000

/** An unfolded address field (RFC 5322 §3.4 and §4.4, RFC 6532, RFC 6854). Reads what it can, never throws. */
export function parseAddressList(text: string): ListEntry[] {
  throw new Error(`being written ${text}`)
}

/** The mailboxes of a list, those of groups included. */
export function mailboxesOf(entries: readonly ListEntry[]): ListMailbox[] {
  throw new Error(`being written ${entries}`)
}
