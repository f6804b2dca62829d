import type { ListenerName } from '../../ports/connection.ts'
import type { DnsUpdateSettings } from './acme/dns-update.ts'
import type { Account, ChallengeKind } from './acme/errand.ts'

/** What the front needs to know, as plain data. */
export interface ProxySettings {
  /** Greets in refusals: `421 mail.example.com …`. */
  readonly hostname: string
  /** One row per address and port. */
  readonly listeners: readonly ListenerSettings[]
  /** TLS_PERMISSIVE: TLS 1.0 and old suites on port 25; a stranger's other choice would be no encryption. */
  readonly permissiveSmtp: boolean
  /** REAL_IP_FROM: networks whose PROXY header or REAL_IP_HEADER is believed. */
  readonly trustedProxies: readonly string[]
  /** REAL_IP_HEADER, such as `X-Real-IP`. */
  readonly realIpHeader: string | undefined
  /** What differs from the standard limits below. */
  readonly limits: Partial<ConnectionLimits>
}

export interface ListenerSettings {
  readonly name: ListenerName
  /** IP address to bind. */
  readonly host: string
  /** 0 takes any free port; tests use that. */
  readonly port: number
  readonly tls: 'implicit' | 'starttls' | 'none'
  /** Clients of this machine and of private networks alone. */
  readonly isInner?: boolean
  /** Every client must come through a trusted proxy that tells its address first. */
  readonly proxyProtocol: boolean
}

export interface CertificateSettings {
  /** `DATA_DIR/certs`: made where it is missing. */
  readonly folder: string
  /** File names in it; where they are missing a self-signed certificate serves, and they are taken up when they appear. */
  readonly certificate: string
  readonly key: string
  /** HOSTNAMES: what certificates are for; a self-signed one is for localhost, too. */
  readonly names: readonly string[]
  /** TRAEFIK_ACME_FILE: where Traefik keeps certificates. */
  readonly traefikFile: string | undefined
  /** LETSENCRYPT_SHORTCHAIN */
  readonly leavesOutRoots: boolean
  /** Who issues certificates for us; undefined where TLS_FLAVOR asks nobody. */
  readonly authority: AuthoritySettings | undefined
}

export interface AuthoritySettings {
  /** URL; RFC 8555 §7.1.1. */
  readonly directory: string
  readonly challenge: ChallengeKind
  /** Address of who is told of trouble. */
  readonly contact: string
  readonly binding: Account['binding']
  /** For dns-01. */
  readonly update: DnsUpdateSettings | undefined
  /** `autoconfig`, `mta-sts` …: names of each domain here that get a certificate where they lead to this server. */
  readonly prefixes: readonly string[]
}

export interface ConnectionLimits {
  /** Connections at once, all listeners together. */
  readonly total: number
  /** Connections at once from one network (`/v4Bits`, `/v6Bits`). */
  readonly perNetwork: number
  readonly v4Bits: number
  readonly v6Bits: number
  /** Networks without the limits per network and per second: this machine, SUBNET. */
  readonly exempt: readonly string[]
  /** New connections a second of one listener, after a first burst of ten times as many. */
  readonly perSecond: number
  /** Time to complete a TLS handshake, and to send a PROXY header. */
  readonly handshakeMs: number
  readonly proxyHeaderMs: number
}

/** What serves a household and a small office, and still stands a storm. */
export const standardLimits: ConnectionLimits = {
  total: 4096,
  perNetwork: 100,
  v4Bits: 24,
  v6Bits: 48,
  exempt: ['127.0.0.0/8', '::1'],
  perSecond: 200,
  handshakeMs: 30_000,
  proxyHeaderMs: 5_000,
}
