import type { Address } from '../../lib/address.ts'
import type { RelayTarget } from '../../lib/relay-target.ts'
import type { LocalDomains } from '../../ports/addresses.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { Intake } from '../../ports/intake.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { OutgoingNotes } from '../../ports/outgoing-notes.ts'
import type { OutgoingQueue } from '../../ports/outgoing-queue.ts'
import type { OwnMail } from '../../ports/own-mail.ts'
import type { RelayRoutes } from '../../ports/routes.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import type { PaceName } from './queue/pace.ts'
import type { TlsLevel } from './tls-policy/tls-need.ts'

interface OutgoingSettings {
  /** Names of this server; the first one introduces it. */
  readonly hostnames: readonly string[]
  /** Addresses that it listens on, those of all interfaces left out. */
  readonly addresses: readonly string[]
  /** OUTBOUND_TLS_LEVEL. */
  readonly tlsLevel: TlsLevel
  /** DEFER_ON_TLS_ERROR: where nobody can tell what a server must prove, mail waits. */
  readonly defersOnTlsError: boolean
  /** What must be asked of single servers, whatever they say: tls_policy.map. */
  readonly tlsPolicyMap: string
  /** Whose mail goes where, and our logins there: routes.map. */
  readonly routeMap: string
  /** RELAYHOST. */
  readonly relayHost: RelayHost | undefined
  /** Who is asked about reports of ours. */
  readonly postmaster: Address
  /** Tells domains that want it what TLS with them came to. RFC 8460. */
  readonly tlsReports: boolean
  /** For destinations that refuse our address. */
  readonly fallbackRelay: RelayHost | undefined
  /** Destinations that want to be treated with care. */
  readonly paces: readonly { readonly domain: string; readonly pace: PaceName }[]
  /** Of servers that MX records name: 25, but in tests. */
  readonly port: number
  /** Of those that have their MTA-STS policies: 443, but in tests. */
  readonly httpsPort: number
}

interface RelayHost {
  readonly target: RelayTarget
  readonly login: { readonly user: string; readonly password: string } | undefined
}

export interface OutgoingParts {
  readonly queue: OutgoingQueue
  readonly notes: OutgoingNotes
  readonly bytes: MessageBytes
  readonly ownMail: OwnMail
  /** For what has to be rewritten on its way out. */
  readonly signer: Pick<MailSigner, 'signAgain'>
  readonly intake: Intake
  readonly domains: LocalDomains
  readonly relays: RelayRoutes
  readonly dns: DnsResolver
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: OutgoingSettings
}
