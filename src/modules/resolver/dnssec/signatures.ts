import type { DnsReason } from '../../../ports/dns-resolver.ts'
import { reason } from '../reasons.ts'
import type { RrSet } from '../rr-set.ts'
import { below, countLabels, isAtOrUnder, lastLabels, type Name, nameToWire } from '../wire/name.ts'
import { canonicalRdata } from '../wire/rdata.ts'
import { rrType, typeName } from '../wire/types.ts'
import type { Work } from '../work.ts'
import { knowsAlgorithm, verifies } from './algorithms.ts'
import { type DnsKey, keyFlag, type Rrsig } from './records.ts'

export interface SignedZone {
  readonly zone: Name
  readonly keys: readonly DnsKey[]
}

export type SignatureVerdict =
  /** `labels` is below the name's own count where a wildcard was expanded. `ttl` in seconds, RFC 4035 §5.3.3. */
  | { readonly kind: 'good'; readonly labels: number; readonly ttl: number; readonly by: DnsKey }
  | { readonly kind: 'bad'; readonly why: DnsReason }

/** Keys with one tag that are tried for a signature: more are a trap (CVE-2023-50387). */
const mostKeysOfTag = 4

/** One good signature is enough, RFC 6840 §5.4 and §5.11. `now` in seconds. */
export function checkSignatures(set: RrSet, by: SignedZone, now: number, work: Work): SignatureVerdict {
  const signatures = set.signatures.filter(({ signer }) => signer === by.zone)
  if (signatures.length === 0) return bad('signaturesMissing', set, `is not signed by ${by.zone}`)
  let worst: SignatureVerdict = bad('bogus', set, 'has no signature of a known algorithm')
  for (const signature of signatures) {
    if (!knowsAlgorithm(signature.algorithm)) continue
    const verdict = checkSignature(set, signature, by, now, work)
    if (verdict.kind === 'good') return verdict
    worst = verdict
  }
  return worst
}

/** RFC 4035 §5.3.1, then §5.3.2. */
function checkSignature(
  set: RrSet,
  signature: Rrsig,
  by: SignedZone,
  now: number,
  work: Work,
): SignatureVerdict {
  if (!isAtOrUnder(set.name, by.zone)) return bad('bogus', set, `is not in the zone ${by.zone}`)
  if (signature.labels > ownLabels(set.name)) return bad('bogus', set, 'is signed for a longer name')
  // RFC 4034 §3.1.5: serial number arithmetic.
  if (isAfter(signature.inception, signature.expiration))
    return bad('bogus', set, 'has a signature that ends before it begins')
  if (isAfter(now, signature.expiration))
    return bad('signatureExpired', set, `was signed until ${instant(signature.expiration, now)}`)
  if (isAfter(signature.inception, now))
    return bad('signatureNotYetValid', set, `is signed from ${instant(signature.inception, now)} on`)
  const keys = by.keys.filter((key) => mayHaveMade(key, signature)).slice(0, mostKeysOfTag)
  if (keys.length === 0)
    return bad('keyMissing', set, `is signed with key ${signature.keyTag}, which ${by.zone} does not have`)
  const signed = signedOctets(set, signature)
  for (const key of keys) {
    if (!work.spend('signatures')) return bad('bogus', set, 'takes more work to check than is allowed')
    if (!verifies(key, signature.signature, signed)) continue
    const left = (signature.expiration - now) >>> 0
    const ttl = Math.min(set.ttl, signature.originalTtl, left)
    return { kind: 'good', labels: signature.labels, ttl, by: key }
  }
  return bad('bogus', set, 'has a signature that does not fit')
}

function mayHaveMade(key: DnsKey, signature: Rrsig): boolean {
  return (
    key.tag === signature.keyTag &&
    key.algorithm === signature.algorithm &&
    key.protocol === 3 &&
    (key.flags & keyFlag.zone) !== 0
  )
}

/** RFC 4034 §3.1.8.1 and §6. */
export function signedOctets(set: RrSet, signature: Rrsig): Buffer {
  const expanded = ownLabels(set.name) > signature.labels
  const owner = expanded ? below('*', lastLabels(set.name, signature.labels)) : set.name
  const fixed = Buffer.alloc(8)
  fixed.writeUInt16BE(set.type, 0)
  fixed.writeUInt16BE(1, 2)
  fixed.writeUInt32BE(signature.originalTtl, 4)
  const name = nameToWire(owner)
  const records = set.data
    .map((data) => canonicalRdata(set.type, data))
    .sort((one, other) => Buffer.compare(one, other))
  const parts: Uint8Array[] = [signature.data.subarray(0, 18), nameToWire(signature.signer)]
  for (const [index, data] of records.entries()) {
    // RFC 4034 §6.3: a record that is there twice is signed once.
    if (index > 0 && Buffer.compare(data, records[index - 1] ?? data) === 0) continue
    parts.push(name, fixed, Uint8Array.of(data.length >> 8, data.length & 255), data)
  }
  return Buffer.concat(parts)
}

/** RFC 1982. */
function isAfter(left: number, right: number): boolean {
  const distance = (left - right) >>> 0
  return distance !== 0 && distance < 0x80000000
}

/** The instant nearest to now that these 32 bits can mean. */
function instant(serial: number, now: number): string {
  const distance = ((serial - now) | 0) * 1000
  return new Date(now * 1000 + distance).toISOString()
}

function bad(kind: Parameters<typeof reason>[0], set: RrSet, what: string): SignatureVerdict {
  return { kind: 'bad', why: reason(kind, `${typeName(set.type)} of ${set.name} ${what}.`) }
}

interface Proofs {
  readonly good: readonly RrSet[]
  /** Seconds. */
  readonly ttl: number
  /** Why the last bad one is bad. */
  readonly why: DnsReason | undefined
}

/** Only what is signed and stands for itself: an NSEC made from a wildcard proves nothing. */
export function goodProofs(sets: readonly RrSet[], zone: SignedZone, now: number, work: Work): Proofs {
  const good: RrSet[] = []
  let ttl = Number.POSITIVE_INFINITY
  let why: DnsReason | undefined
  for (const set of sets) {
    if (set.type === rrType.SOA) continue
    const verdict = checkSignatures(set, zone, now, work)
    if (verdict.kind === 'bad') why = verdict.why
    if (verdict.kind === 'bad' || verdict.labels < ownLabels(set.name)) continue
    good.push(set)
    ttl = Math.min(ttl, verdict.ttl)
  }
  return { good, ttl, why }
}

/** RFC 4034 §3.1.3: the asterisk is not counted. */
export function ownLabels(name: Name): number {
  return countLabels(name) - (name.startsWith('*.') || name === '*' ? 1 : 0)
}
