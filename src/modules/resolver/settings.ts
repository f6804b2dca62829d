import type { Anchor, AnchorFile } from './dnssec/anchors.ts'
import type { Server } from './iterate/stream.ts'
import type { WorkLimits } from './work.ts'

export interface ResolverSettings {
  /** Other resolvers that are asked instead of the root; with a `tlsName` over TLS. Empty: from the root down. */
  readonly forwardTo?: readonly Server[]
  /** Zones that particular servers resolve: a company's inner names. */
  readonly forwardZones?: readonly ForwardZone[]
  /** `{ 'mail.home.arpa': ['192.168.1.2'] }`, as a hosts file says it. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>
  /** Zones that are believed without signatures (RFC 7646): inner names that the world does not know. */
  readonly withoutValidation?: readonly string[]
  /** Undefined: the keys of the root. */
  readonly trustAnchors?: readonly Anchor[]
  /** A file, or its path, where RFC 5011 is remembered. Undefined: the built-in keys are what there is. */
  readonly anchorFile?: AnchorFile | string
  readonly rootHints?: readonly string[]
  /** Of the servers that are asked on the way down: 53, but for tests. */
  readonly port?: number
  /** Networks whose addresses are not asked, whoever names them: undefined is this machine and what is no single host. */
  readonly neverAsk?: readonly string[]
  readonly cache?: Partial<CacheSettings>
  /** Answers other containers too. Undefined: only those in this process. */
  readonly serve?: ServerSettings | undefined
  readonly work?: WorkLimits
}

interface ForwardZone {
  readonly zone: string
  readonly servers: readonly Server[]
}

export interface ServerSettings {
  readonly addresses: readonly string[]
  readonly port: number
  /** Networks that may ask. Others are refused: an open resolver is a weapon. */
  readonly allowed: readonly string[]
}

export interface CacheSettings {
  readonly maxBytes: number
  /** Seconds, as all here. RFC 8767 §4 wants at most a week. */
  readonly mostTtl: number
  readonly leastTtl: number
  /** RFC 2308 §5. */
  readonly mostNegativeTtl: number
  /** How long after its time an answer may serve when nobody answers. */
  readonly stale: number
}

export const cacheDefaults: CacheSettings = {
  maxBytes: 16 * 1024 * 1024,
  mostTtl: 86_400,
  leastTtl: 0,
  mostNegativeTtl: 3600,
  stale: 86_400,
}

export const neverAskDefaults: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'ff00::/8',
]
