import type { Address } from '../lib/address.ts'
import type { MessageRef } from './message.ts'

/** Signs mail of our own domains. Rspamd in Mailu. */
export interface MailSigner {
  /** Changes nothing: the header it gives goes in front of the message. Without `sender` it is mail of this server. */
  sign(message: MessageRef, sender: Address | undefined): Promise<Signed>
}

interface Signed {
  /** `DKIM-Signature: …`, CRLF-ended; one for each kind of key. Empty where nobody here may sign for the author. */
  readonly header: string
}
