import type { MailAuthenticator } from '../../ports/mail-authentication.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'
import { createSigner, type SignerParts } from './signer.ts'

/** Checks nothing yet: no SPF, DKIM, DMARC or ARC, and so no `Authentication-Results` header that would claim otherwise. */
export function createMailAuthenticator(): MailAuthenticator {
  return { authenticate: async () => ({ header: '' }) }
}

/** DKIM signatures for mail of our own domains. */
export function createMailSigner(parts: SignerParts): MailSigner {
  return createSigner(parts)
}
