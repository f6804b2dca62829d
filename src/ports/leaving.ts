import type { Address } from '../lib/address.ts'
import type { AccountId } from './accounts.ts'
import type { EnvelopeRecipient } from './intake.ts'

/** One envelope that leaves: what `Delivery.outgoing` holds. */
export interface Leaving {
  readonly account: AccountId | undefined
  readonly sender: Address | undefined
  /** Trace headers in front of the message, CRLF-ended. */
  readonly prefix: string
  readonly smtpUtf8: boolean
  readonly requireTls: boolean
  /** Goes even where encryption fails, whatever policies ask for: it is the report on that. RFC 8460 §5.3. */
  readonly anyhow?: boolean
  readonly envelopeId: string | undefined
  readonly returnContent: 'full' | 'headers' | undefined
  readonly recipients: readonly EnvelopeRecipient[]
  /** Due and expiry are counted from here: later than now is a message that waits for its hour (RFC 4865). */
  readonly notBefore: number
  /** Not before somebody has looked and released it. */
  readonly held?: boolean
  readonly expires: number
  /** When a sender who waits is told of the delay; undefined: never. */
  readonly notice: number | undefined
}
