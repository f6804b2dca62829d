import type { ListenerName } from '../../ports/connection.ts'

/** What the front needs to know, as plain data. */
export interface ProxySettings {
  /** Greets in refusals: `421 mail.example.com …`. */
  readonly hostname: string
  /** One row per address and port. */
  readonly listeners: readonly ListenerSettings[]
  /** Undefined with TLS_FLAVOR=notls: implicit-TLS listeners must not be listed then, and nobody may STARTTLS. */
  readonly certificates: CertificateSettings | undefined
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
  /** Every client must come through a trusted proxy that tells its address first. */
  readonly proxyProtocol: boolean
}

export interface CertificateSettings {
  /** `DATA_DIR/certs`: made where it is missing. */
  readonly folder: string
  /** File names in it; where they are missing a self-signed certificate serves, and they are taken up when they appear. */
  readonly certificate: string
  readonly key: string
  /** HOSTNAMES: what a self-signed certificate is for, beside localhost. */
  readonly names: readonly string[]
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
