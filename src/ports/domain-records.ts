import type { DomainName } from '../lib/address.ts'
import type { DnsType } from './dns-resolver.ts'

/** What DNS should say of our domains, and what it says. */
export interface DomainRecords {
  /** Every record that it should have, the most important first, as the world sees it now; some seconds where DNS is slow. */
  check(domain: DomainName): Promise<DomainCheck>
  /** The same without asking anybody. */
  list(domain: DomainName): Promise<DomainList>
}

type DomainCheck = { readonly kind: 'checked'; readonly records: readonly CheckedRecord[] } | NoDomain
type DomainList = { readonly kind: 'records'; readonly records: readonly PublishedRecord[] } | NoDomain

interface NoDomain {
  readonly kind: 'missing'
}

/** A record that a domain should have, in the form of a zone, and what it is good for. */
export interface PublishedRecord {
  readonly purpose: string
  /** Without the last dot. */
  readonly name: string
  readonly type: DnsType
  readonly ttl: number
  /** As a zone says it: texts in quotes, names with their last dot. */
  readonly value: string
  /** What tells a record of this purpose from others of its name and type: `v=spf1`. Undefined: all are. */
  readonly mark?: string
}

export interface CheckedRecord extends PublishedRecord {
  /** `other`: there is something else in its place. `unknown`: DNS does not answer. */
  readonly state: 'published' | 'other' | 'missing' | 'unknown'
  /** Signed with DNSSEC and verified: what TLSA needs to count. */
  readonly secure: boolean
  /** What is there instead. */
  readonly found: readonly string[]
}
