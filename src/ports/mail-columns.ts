/** What the mail store tells of all messages of a mailbox at once. */
export type ColumnName =
  | 'size'
  | 'receivedAt'
  | 'savedAt'
  | 'sentAt'
  | 'sentDay'
  /** Decoded, as people read them. */
  | 'subject'
  | 'from'
  | 'to'
  | 'cc'
  | 'bcc'
  /** RFC 5256 §2.1; case kept. */
  | 'baseSubject'
  /** 1 where the subject bears a mark of a reply or of forwarding. */
  | 'isReply'
  /** Mailbox part of the first address: RFC 5256 §3. */
  | 'sortFrom'
  | 'sortTo'
  | 'sortCc'
  /** Name or address of the first address: RFC 5957 §3. */
  | 'displayFrom'
  | 'displayTo'
  /** Numbers that stand for Message-IDs: its own (0 where it has none), then those above it in its thread, the oldest first. */
  | 'messageIds'

/** Undefined where the message does not tell. */
export type ColumnValue = number | string | readonly number[] | undefined

/** Parallel. */
export interface ColumnValues {
  readonly uids: readonly number[]
  readonly values: readonly ColumnValue[]
}
