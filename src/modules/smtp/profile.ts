import type { Connection } from '../../ports/connection.ts'

/** Where a client came in; decides which commands and extensions exist for it. */
export type Via = 'arriving' | 'submission' | 'lmtp'

export interface Facts {
  readonly via: Via
  readonly connection: Connection
  readonly sizeLimit: number
  readonly recipients: number
  readonly messages: number
  readonly allowPlaintextAuth: boolean
  readonly offerScram: boolean
  /** Nothing that another server may not know, since whoever submits may be led there. */
  readonly offerLess: boolean
  readonly now: number
}

type Extension =
  | 'PIPELINING'
  | 'SIZE'
  | '8BITMIME'
  | 'SMTPUTF8'
  | 'ENHANCEDSTATUSCODES'
  | 'DSN'
  | 'CHUNKING'
  | 'BINARYMIME'
  | 'REQUIRETLS'
  | 'FUTURERELEASE'
  | 'LIMITS'
  | 'STARTTLS'
  | 'AUTH'

interface Offer {
  readonly name: Extension
  /** Parameters of MAIL that it brings. */
  readonly mail?: readonly string[]
  /** Parameters of RCPT that it brings. */
  readonly rcpt?: readonly string[]
  readonly when?: (facts: Facts) => boolean
  readonly parameters?: (facts: Facts) => string
}

/** RFC 4865 §3: how far ahead. */
export const longestHoldSeconds = 30 * 86_400

/** Every extension this server knows. Read this first. */
const everyOffer: readonly Offer[] = [
  { name: 'PIPELINING' }, // RFC 2920
  { name: 'SIZE', mail: ['SIZE'], parameters: ({ sizeLimit }) => String(sizeLimit) }, // RFC 1870
  { name: '8BITMIME', mail: ['BODY'] }, // RFC 6152
  { name: 'SMTPUTF8', mail: ['SMTPUTF8'] }, // RFC 6531
  { name: 'ENHANCEDSTATUSCODES' }, // RFC 2034
  { name: 'DSN', mail: ['RET', 'ENVID'], rcpt: ['NOTIFY', 'ORCPT'] }, // RFC 3461
  { name: 'CHUNKING', when: isAllHere }, // RFC 3030
  { name: 'BINARYMIME', when: isAllHere }, // RFC 3030
  // RFC 8689 §4.1: only where TLS is on.
  {
    name: 'REQUIRETLS',
    mail: ['REQUIRETLS'],
    when: (facts) => facts.connection.tls !== undefined && isAllHere(facts),
  },
  // RFC 4865 §3: by people alone, as what is held is kept for them.
  {
    name: 'FUTURERELEASE',
    mail: ['HOLDFOR', 'HOLDUNTIL'],
    when: (facts) => facts.via === 'submission' && isAllHere(facts),
    parameters: ({ now }) =>
      `${longestHoldSeconds} ${new Date(now + longestHoldSeconds * 1000).toISOString().replace(/\.\d+/, '')}`,
  },
  {
    name: 'LIMITS',
    when: isAllHere,
    parameters: (facts) => `RCPTMAX=${facts.recipients} MAILMAX=${facts.messages}`,
  }, // RFC 9422
  { name: 'STARTTLS', when: ({ connection }) => connection.mayStartTls && !connection.tls }, // RFC 3207
  { name: 'AUTH', mail: ['AUTH'], when: mayAuthenticate, parameters: (facts) => mechanisms(facts).join(' ') }, // RFC 4954
]

/** Clients do not ask again after AUTH what is to be had (RFC 4954 §4). */
function isAllHere({ via, offerLess }: Facts): boolean {
  return via !== 'submission' || !offerLess
}

/** RFC 8314 §3, RFC 4954 §4: on submission alone, and under TLS. */
export function mayAuthenticate({ via, connection, allowPlaintextAuth }: Facts): boolean {
  return via === 'submission' && (connection.tls !== undefined || allowPlaintextAuth)
}

/** SASL mechanisms. The strongest first: some clients take the first that they know. */
export function mechanisms({ connection, offerScram }: Facts): string[] {
  const scram = offerScram ? ['SCRAM-SHA-256'] : []
  // RFC 5802 §6: with a connection to bind to.
  const bound = offerScram && connection.tls ? ['SCRAM-SHA-256-PLUS'] : []
  return [...bound, ...scram, 'PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2']
}

/** What one client is offered. */
export interface Offered {
  /** The lines of the EHLO or LHLO answer below the first. */
  readonly lines: readonly string[]
  /** Parameters that the client may use. */
  readonly mailKeywords: ReadonlySet<string>
  readonly rcptKeywords: ReadonlySet<string>
}

export function offered(facts: Facts): Offered {
  const offers = everyOffer.filter(({ when }) => when === undefined || when(facts))
  return {
    lines: offers.map(({ name, parameters }) => (parameters ? `${name} ${parameters(facts)}` : name)),
    mailKeywords: new Set(offers.flatMap(({ mail }) => mail ?? [])),
    rcptKeywords: new Set(offers.flatMap(({ rcpt }) => rcpt ?? [])),
  }
}

/** RFC 5321 §2.2.1, §4.1.1.1: who says HELO gets no extensions. */
export const nothingOffered: Offered = { lines: [], mailKeywords: new Set(), rcptKeywords: new Set() }

/** `with` of the Received header. RFC 3848, RFC 6531 §4.3, RFC 8314. */
export function protocolName(verb: string, utf8: boolean, tls: boolean, signedIn: boolean): string {
  if (verb === 'HELO') return 'SMTP'
  const base = verb === 'LHLO' ? 'LMTP' : 'SMTP'
  const plain = base === 'SMTP' ? 'ESMTP' : base
  const name = utf8 ? `UTF8${base}` : plain
  return `${name}${tls ? 'S' : ''}${signedIn ? 'A' : ''}`
}
