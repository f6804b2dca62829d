import type { Address } from '../lib/address.ts'
import type { MessageRef } from './message.ts'

/** Signs mail of our own domains. Rspamd in Mailu. */
export interface MailSigner {
  /** Changes nothing: the header it gives goes in front of the message. Without `sender` it is mail of this server. */
  sign(message: MessageRef, sender: Address | undefined): Promise<Signed>
  /**
   * For a message that had to be rewritten on its way: where `before` begins with signatures of ours that hold, the same domain signs
   * `after`, which begins with the same fields. Undefined where there are none.
   */
  signAgain(before: Uint8Array, after: Uint8Array): Promise<SignedAgain | undefined>
}

export interface SignedAgain extends Signed {
  /** So many octets at the start of the message it stands in the place of. */
  readonly replaces: number
}

interface Signed {
  /** `DKIM-Signature: …`, CRLF-ended; one for each kind of key. Empty where nobody here may sign for the author. */
  readonly header: string
}
