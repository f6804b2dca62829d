import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { DmarcReporting } from '../../ports/dmarc-reporting.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { MailAuthenticator } from '../../ports/mail-authentication.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'
import type { Clock } from '../../ports/runtime.ts'
import { Authenticator, type AuthenticatorParts } from './authenticator.ts'
import { dmarcReporting } from './dmarc/destinations.ts'
import { createSealer } from './sealer.ts'
import { createSigner, type SignerParts } from './signer.ts'

interface AuthenticatorNeeds extends Omit<AuthenticatorParts, 'sealer'> {
  readonly keys: Pick<DkimKeys, 'signing'>
  /** Whether mail is sealed (ARC) for those it goes on to. */
  readonly seal: boolean
}

/** Checks who mail is from: SPF, DKIM, DMARC, ARC and the client's name. */
export function createMailAuthenticator({ keys, seal, ...parts }: AuthenticatorNeeds): MailAuthenticator {
  const authenticator = new Authenticator({ ...parts, sealer: seal ? createSealer(keys) : undefined })
  return { authenticate: (arrival) => authenticator.authenticate(arrival) }
}

/** DKIM signatures for mail of our own domains. */
export function createMailSigner(parts: SignerParts): MailSigner {
  return createSigner(parts)
}

/** Where owners of domains want reports on their mail. */
export function createDmarcReporting(parts: {
  readonly resolver: DnsResolver
  readonly clock: Clock
}): DmarcReporting {
  return dmarcReporting(parts)
}
