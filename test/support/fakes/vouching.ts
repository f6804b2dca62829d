import type { MailAuthenticator } from '../../../src/ports/mail-authentication.ts'
import type { MailSigner } from '../../../src/ports/mail-signing.ts'

/** Checks nothing, and says nothing. */
export const silentAuthenticator: MailAuthenticator = { authenticate: async () => ({ header: '' }) }

/** Signs nothing. */
export const silentSigner: MailSigner = {
  sign: async () => ({ header: '' }),
  signAgain: async () => undefined,
}
