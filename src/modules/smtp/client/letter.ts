import type { Address } from '../../../lib/address.ts'
import type { EnvelopeRecipient } from '../../../ports/intake.ts'

/** One message for some recipients behind one server. */
export interface Letter {
  /** Undefined is the null reverse-path. */
  readonly sender: Address | undefined
  readonly recipients: readonly EnvelopeRecipient[]
  /** Octets. */
  readonly size: number
  /** Where octets above 127 are. */
  readonly eightBit: { readonly header: boolean; readonly body: boolean }
  /** RFC 6531: it was handed to us as such. */
  readonly smtpUtf8: boolean
  /** RFC 8689. */
  readonly requireTls: boolean
  readonly envelopeId: string | undefined
  readonly returnContent: 'full' | 'headers' | undefined
  /** The message from its first octet, every time it is called. */
  read(): AsyncIterable<Uint8Array>
  /** What goes out in the place of `after`, where the message had to be rewritten: signatures of ours hold for it again. */
  signAgain(before: Uint8Array, after: Uint8Array): Promise<Uint8Array>
}
