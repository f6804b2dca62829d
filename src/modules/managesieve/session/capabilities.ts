import { renderString } from '../reply.ts'
import type { Session } from './session.ts'

interface Capability {
  readonly name: string
  readonly when?: (session: Session) => boolean
  readonly value?: (session: Session) => string
}

/** Every capability this server knows. Read this first. RFC 5804 §1.7. */
const everyCapability: readonly Capability[] = [
  { name: 'IMPLEMENTATION', value: () => 'Homepost' },
  { name: 'SIEVE', value: ({ services }) => services.extensions.join(' ') },
  { name: 'NOTIFY', value: () => 'mailto' },
  { name: 'EXTLISTS', value: () => 'urn' }, // RFC 6134: URI schemes of lists
  { name: 'MAXREDIRECTS', value: ({ services }) => String(services.settings.maxRedirects) },
  { name: 'SASL', value: (session) => mechanisms(session).join(' ') },
  { name: 'STARTTLS', when: ({ mayStartTls }) => mayStartTls },
  { name: 'UNAUTHENTICATE', when: ({ user }) => user !== undefined }, // RFC 5804 §2.14
  { name: 'LANGUAGE', value: () => 'en' },
  { name: 'OWNER', when: ({ user }) => user !== undefined, value: ({ user }) => user?.address ?? '' },
  { name: 'VERSION', value: () => '1.0' },
]

/** A line each. */
export function capabilities(session: Session): readonly string[] {
  return everyCapability
    .filter(({ when }) => when === undefined || when(session))
    .map(({ name, value }) => (value ? `"${name}" ${renderString(value(session))}` : `"${name}"`))
}

/** SASL mechanisms that this client may use now. The strongest first: some clients take the first that they know. */
export function mechanisms({ services, connection, mayAuthenticate, user }: Session): readonly string[] {
  if (!mayAuthenticate || user) return []
  const scram = services.settings.offerScram ? ['SCRAM-SHA-256'] : []
  // RFC 5802 §6: with a connection to bind to.
  const bound = scram.length > 0 && connection.tls ? ['SCRAM-SHA-256-PLUS'] : []
  return [...bound, ...scram, 'PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2']
}
