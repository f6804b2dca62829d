import type { DnsRecord } from '../lib/dns-record.ts'
import type { TryLater } from './runtime.ts'

/** Names of the world, with the one bit that DANE needs and the reason for it. Unbound in Mailu. */
export interface DnsResolver {
  /** Never rejects: what went wrong is an outcome. CNAME and DNAME are followed. */
  resolve(question: DnsQuestion): Promise<DnsOutcome>
  /** The same answer with the way to it: which zones vouch for it, which link is broken, who was asked. */
  explain(question: DnsQuestion): Promise<DnsExplanation>
}

export interface DnsQuestion {
  /** As people write it, A-labels, with or without the last dot. */
  readonly name: string
  readonly type: DnsType
  /** UTC milliseconds: after this instant nobody waits for the answer. */
  readonly deadlineMs: number
}

export type DnsOutcome =
  /** At least one record of the type that was asked. */
  | ({ readonly kind: 'records'; readonly records: readonly DnsRecord[] } & DnsFacts)
  /** The name is there, records of this type are not. */
  | ({ readonly kind: 'no-data' } & DnsFacts)
  | ({ readonly kind: 'no-name' } & DnsFacts)
  /** There is an answer, and it must not be used: somebody forged it, or its owner broke it. Defer, never downgrade. */
  | { readonly kind: 'bogus'; readonly security: 'bogus'; readonly why: readonly DnsReason[] }
  | (TryLater & { readonly why: readonly DnsReason[] })

interface DnsFacts {
  readonly security: DnsSecurity
  /** Why it is not secure, or that it is stale. Empty for a plain secure answer. */
  readonly why: readonly DnsReason[]
  /** Seconds for which the answer may be kept. */
  readonly ttl: number
  /** Where aliases led to: the name the records belong to. */
  readonly canonicalName: string
}

/**
 * RFC 4033 §5. `secure`: a chain of signatures from a trust anchor. `insecure`: proven that there is no such chain.
 * `indeterminate`: nobody could tell, as validation is off or impossible here. Only `secure` may carry trust.
 */
export type DnsSecurity = 'secure' | 'insecure' | 'indeterminate'

/** An extended error (RFC 8914) with a sentence for people. */
export interface DnsReason {
  /** The registered code: 6 "DNSSEC Bogus", 7 "Signature Expired", 9 "DNSKEY Missing" … */
  readonly code: number
  readonly text: string
}

export type DnsType = KnownDnsType | `TYPE${number}`
export type KnownDnsType =
  | 'A'
  | 'AAAA'
  | 'CAA'
  | 'CNAME'
  | 'DNAME'
  | 'DNSKEY'
  | 'DS'
  | 'HTTPS'
  | 'MX'
  | 'NS'
  | 'OPENPGPKEY'
  | 'PTR'
  | 'SMIMEA'
  | 'SOA'
  | 'SRV'
  | 'SVCB'
  | 'TLSA'
  | 'TXT'

export interface DnsExplanation {
  readonly outcome: DnsOutcome
  /** From the trust anchor down; ends at the broken link, or where signing ends. */
  readonly chain: readonly DnsLink[]
  /** Each name on the way: the one asked, then where its aliases lead. */
  readonly steps: readonly DnsStep[]
  /** What was asked of other servers, in order; empty when everything was known already. */
  readonly asked: readonly DnsAsked[]
}

/** What became of one zone, or of one name below it that is no zone of its own. */
export interface DnsLink {
  readonly zone: string
  readonly state: 'anchor' | 'secure' | 'insecure' | 'bogus' | 'indeterminate' | 'no-cut'
  /** `20326 (8)`: key tag and algorithm of what the parent vouches for. */
  readonly ds: readonly string[]
  readonly keys: readonly string[]
  readonly why: readonly DnsReason[]
}

export interface DnsStep {
  readonly name: string
  readonly found: 'records' | 'alias' | 'no-data' | 'no-name'
  readonly security: DnsSecurity | 'bogus'
  readonly signer: string | undefined
  readonly fromCache: boolean
  readonly why: readonly DnsReason[]
}

export interface DnsAsked {
  readonly server: string
  readonly zone: string
  readonly name: string
  readonly type: string
  readonly transport: 'udp' | 'tcp' | 'tls'
  /** `NOERROR`, `referral`, `timeout` … */
  readonly said: string
  readonly milliseconds: number
}
