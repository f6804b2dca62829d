import type { Address } from '../../lib/address.ts'
import type { EnvelopeRecipient, Origin } from '../../ports/intake.ts'
import type { MailParameters } from './grammar/parameters.ts'
import type { BinaryIncoming } from './message/binary.ts'
import type { Incoming } from './message/incoming.ts'

/** What MAIL began and the end of the data, RSET or EHLO ends. */
export interface Transaction {
  readonly id: string
  /** When its data began; before that, when MAIL came. */
  startedAt: number
  readonly origin: Origin
  /** Undefined is the null reverse-path. */
  readonly sender: Address | undefined
  readonly parameters: MailParameters
  /** When it goes out, UTC milliseconds; undefined: at once. */
  readonly notBefore: number | undefined
  readonly recipients: EnvelopeRecipient[]
  refusedRecipients: number
  /** Between the first BDAT and the last. RFC 3030 §2. */
  chunks: Incoming | BinaryIncoming | undefined
  chunksFailed: boolean
}

/** Where a session stands; the table of commands names these. */
export type State =
  /** Before EHLO, HELO or LHLO. */
  | 'fresh'
  /** Between messages. */
  | 'ready'
  /** After MAIL. */
  | 'open'
  /** After a RCPT that was taken. */
  | 'addressed'
  /** After a BDAT that was not the last. */
  | 'chunking'
