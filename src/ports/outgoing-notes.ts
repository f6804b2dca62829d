import type { TryLater } from './runtime.ts'

/**
 * What sending and fetching have learnt of others and keeps for a while: losing the last second of it costs a look-up, never a message.
 *
 * | kind      | name                | value                                              |
 * |-----------|---------------------|----------------------------------------------------|
 * | sts       | domain              | its MTA-STS policy RFC 8461                 |
 * | tls       | day, domain, number | what TLS with it came to on that day RFC 8460    |
 * | way       | domain              | the way by which it takes our mail                 |
 * | recipient | account, address    | that he has written there before                   |
 * | told      | report, day, domain | that it has left: it leaves once              |
 * | fetched   | mailbox elsewhere   | how far it has been read                           |
 */
export interface OutgoingNotes {
  get(kind: NoteKind, name: string): Promise<Note | undefined>
  /** Of one kind, by name; `after` is the last one seen, empty at first. */
  list(kind: NoteKind, after: string, limit: number): Promise<readonly Note[]>
  /** Replaces what is known under these names. */
  put(notes: readonly Note[]): Promise<{ kind: 'kept' } | TryLater>
  drop(kind: NoteKind, names: readonly string[]): Promise<{ kind: 'kept' } | TryLater>
}

type NoteKind = 'sts' | 'tls' | 'way' | 'recipient' | 'told' | 'fetched'

export interface Note {
  readonly kind: NoteKind
  readonly name: string
  readonly value: string
  /** UTC milliseconds: forgotten after it. */
  readonly until: number
}
