import type { Session } from './session.ts'

interface Capability {
  readonly name: string
  readonly when?: (session: Session) => boolean
  readonly parameters?: (session: Session) => string
}

/** Every capability this server knows. Read this first. RFC 2449 §6. */
const everyCapability: readonly Capability[] = [
  { name: 'TOP' },
  { name: 'USER', when: (session) => session.mayAuthenticate },
  {
    name: 'SASL', // RFC 5034 §6
    when: (session) => session.mayAuthenticate,
    parameters: (session) => mechanisms(session).join(' '),
  },
  { name: 'STLS', when: (session) => session.mayStartTls }, // RFC 2595 §4
  { name: 'RESP-CODES' },
  { name: 'AUTH-RESP-CODE' }, // RFC 3206 §6
  { name: 'PIPELINING' },
  { name: 'EXPIRE', parameters: () => 'NEVER' },
  { name: 'UIDL' },
  { name: 'UTF8', parameters: () => 'USER' }, // RFC 6856 §2
  { name: 'LANG' }, // RFC 6856 §3
  { name: 'IMPLEMENTATION', parameters: () => 'Homepost' },
]

export function capabilities(session: Session): readonly string[] {
  return everyCapability
    .filter(({ when }) => when === undefined || when(session))
    .map(({ name, parameters }) => (parameters ? `${name} ${parameters(session)}` : name))
}

/** The ways to sign in by AUTH. The strongest first: some clients take the first that they know. */
export function mechanisms({ connection, services }: Session): readonly string[] {
  const scram = services.settings.offerScram ? ['SCRAM-SHA-256'] : []
  // RFC 5802 §6: with a connection to bind to.
  const bound = scram.length > 0 && connection.tls ? ['SCRAM-SHA-256-PLUS'] : []
  return [...bound, ...scram, 'PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2']
}
