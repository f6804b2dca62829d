import { LRUCache } from 'lru-cache'
import type { DnsLink, DnsReason } from '../../../ports/dns-resolver.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { reason } from '../reasons.ts'
import { type Fetched, negativeTtl, type Reply } from '../reply.ts'
import type { RrSet } from '../rr-set.ts'
import type { Trace } from '../trace.ts'
import { countLabels, lastLabels, type Name } from '../wire/name.ts'
import { rrType } from '../wire/types.ts'
import type { Work } from '../work.ts'
import { algorithmName, knowsAlgorithm } from './algorithms.ts'
import type { Anchor, Anchors } from './anchors.ts'
import { denialFrom } from './denial.ts'
import { type DnsKey, type Ds, dsMatches, keyFlag, knowsDigest, readDnsKey, readDs } from './records.ts'
import { checkSignatures, goodProofs, type SignedZone } from './signatures.ts'

/** What may be believed of a zone. */
export type Trust =
  | ({ readonly kind: 'secure' } & SignedZone)
  | { readonly kind: 'insecure' | 'bogus'; readonly zone: Name; readonly why: DnsReason }
  | { readonly kind: 'indeterminate'; readonly why: DnsReason }
  /** Nobody answered. */
  | { readonly kind: 'later'; readonly why: DnsReason }

type Link = Trust | { readonly kind: 'no-cut' } | { readonly kind: 'no-name' }

interface Kept {
  readonly link: Link
  readonly told: DnsLink | undefined
}

export interface Errand {
  readonly work: Work
  readonly trace: Trace | undefined
}

export type Fetch = (name: Name, type: number, errand: Errand) => Promise<Fetched>

/** DS records that are tried for a zone, and keys of it that are looked at: more are a trap. */
const mostDs = 8
const mostKeys = 32
const longestSeconds = 86_400
/** How long a broken or unreachable link is believed to be so. */
const brokenSeconds = 30

/** Walks from a trust anchor down to a zone: RFC 4035 §5, with what RFC 6840 made clearer. */
export class Chain {
  readonly #anchors: Anchors
  readonly #fetch: Fetch
  readonly #clock: Clock
  readonly #log: Log
  readonly #links: LRUCache<Name, Kept>

  constructor(options: { anchors: Anchors; fetch: Fetch; clock: Clock; log: Log }) {
    this.#anchors = options.anchors
    this.#fetch = options.fetch
    this.#clock = options.clock
    this.#log = options.log
    const perf = { now: () => options.clock.now() }
    this.#links = new LRUCache({ max: 5000, ttl: 1, ttlResolution: 0, perf })
  }

  /** The zone that `name` is in, or would be in. Where `name` is one that signs, the zone is `name` itself. */
  async trustIn(name: Name, errand: Errand): Promise<Trust> {
    const untrusted = this.#anchors.isUntrusted(name)
    if (untrusted !== undefined)
      return {
        kind: 'insecure',
        zone: untrusted,
        why: reason('other', `${untrusted} is believed by configuration.`),
      }
    const anchor = this.#anchors.above(name)
    if (!anchor)
      return { kind: 'indeterminate', why: reason('indeterminate', `There is no trust anchor for ${name}.`) }
    let trust = asTrust(await this.#kept(anchor.zone, errand, () => this.#anchored(anchor, errand)))
    for (let count = countLabels(anchor.zone) + 1; count <= countLabels(name); count++) {
      if (trust.kind !== 'secure') return trust
      const above = trust
      const child = lastLabels(name, count)
      const link = await this.#kept(child, errand, () => this.#delegated(above, child, errand))
      if (link.kind === 'no-name') return trust
      if (link.kind !== 'no-cut') trust = link
    }
    return trust
  }

  async #kept(zone: Name, { trace }: Errand, make: () => Promise<Made>): Promise<Link> {
    const known = this.#links.get(zone)
    if (known) {
      if (known.told) trace?.link(known.told)
      return known.link
    }
    const first = await make()
    // One bad server among good ones must not break a zone: another gets its chance.
    const { link, ttl, ds = [], keys = [] } = first.link.kind === 'bogus' ? await make() : first
    const told = tellOf(zone, link, ds, keys, this.#anchors.above(zone)?.zone === zone)
    if (told) trace?.link(told)
    const seconds = isBroken(link) ? brokenSeconds : Math.min(Math.max(ttl, 1), longestSeconds)
    if (link.kind !== 'later') this.#links.set(zone, { link, told }, { ttl: seconds * 1000 })
    return link
  }

  async #anchored(anchor: Anchor, errand: Errand): Promise<Made> {
    const fetched = await this.#fetch(anchor.zone, rrType.DNSKEY, errand)
    if (fetched.kind === 'failed') {
      const kind = this.#anchors.everValidated(anchor.zone) ? 'later' : 'indeterminate'
      return { link: { kind, why: fetched.why }, ttl: 0 }
    }
    const keys = keysIn(fetched.reply)
    const vouched = keys.filter((key) => this.#anchors.vouchesFor(anchor, key))
    const made = this.#signedByOneOf(anchor.zone, fetched.reply.set, keys, vouched, errand.work)
    if (made.link.kind === 'secure') {
      const revoked = this.#revoked(anchor.zone, fetched.reply.set, keys, errand.work)
      this.#anchors.seen(anchor.zone, keys, revoked)
      return made
    }
    // Once it has worked, its failing is an attack or a mistake, and mail waits. Before that, this place cannot validate at all.
    if (made.link.kind !== 'bogus' || this.#anchors.everValidated(anchor.zone)) return made
    this.#log.warn('resolver.cannot-validate', { zone: anchor.zone, why: made.link.why.text })
    return { ...made, link: { kind: 'indeterminate', why: made.link.why } }
  }

  /** RFC 5011 §2.1: only a key that signs its own revocation is revoked. */
  #revoked(zone: Name, set: RrSet | undefined, keys: readonly DnsKey[], work: Work): DnsKey[] {
    return keys.filter(
      (key) =>
        (key.flags & keyFlag.revoked) !== 0 &&
        set !== undefined &&
        checkSignatures(set, { zone, keys: [key] }, this.#now(), work).kind === 'good',
    )
  }

  async #delegated(above: SignedZone, child: Name, errand: Errand): Promise<Made> {
    const fetched = await this.#fetch(child, rrType.DS, errand)
    if (fetched.kind === 'failed') return { link: { kind: 'later', why: fetched.why }, ttl: 0 }
    const { reply } = fetched
    if (reply.found === 'records') return this.#withDs(above, child, reply.set, errand)
    if (reply.found === 'alias') return this.#aliased(above, child, reply.set, errand.work)
    return this.#withoutDs(above, child, reply, errand.work)
  }

  async #withDs(above: SignedZone, child: Name, set: RrSet | undefined, errand: Errand): Promise<Made> {
    if (!set) return bogus(child, reason('bogus', `There is no DS for ${child}.`))
    const verdict = checkSignatures(set, above, this.#now(), errand.work)
    if (verdict.kind === 'bad') return bogus(child, verdict.why)
    const all = set.data.map(readDs).filter((each) => each !== undefined)
    const usable = all
      .filter((ds) => knowsAlgorithm(ds.algorithm) && knowsDigest(ds.digestType))
      .slice(0, mostDs)
    const ds = all.map((each) => `${each.keyTag} (${algorithmName(each.algorithm)})`)
    // RFC 4035 §5.2: a zone signed in ways that are not known here counts as unsigned.
    if (usable.length === 0) {
      const why = reason(
        'unsupportedAlgorithm',
        `${child} is signed only in ways that are not validated here.`,
      )
      return { link: { kind: 'insecure', zone: child, why }, ttl: verdict.ttl, ds }
    }
    const made = await this.#withKeys(child, usable, errand)
    return { ...made, ds, ttl: Math.min(made.ttl, verdict.ttl) }
  }

  async #withKeys(zone: Name, ds: readonly Ds[], errand: Errand): Promise<Made> {
    const fetched = await this.#fetch(zone, rrType.DNSKEY, errand)
    if (fetched.kind === 'failed') return { link: { kind: 'later', why: fetched.why }, ttl: 0 }
    const keys = keysIn(fetched.reply)
    const vouched = keys.filter(
      (key) => !(key.flags & keyFlag.revoked) && ds.some((each) => dsMatches(each, zone, key)),
    )
    return this.#signedByOneOf(zone, fetched.reply.set, keys, vouched, errand.work)
  }

  /** RFC 4035 §5.2: the key set is signed by a key that the parent, or the anchor, vouches for. */
  #signedByOneOf(
    zone: Name,
    set: RrSet | undefined,
    keys: readonly DnsKey[],
    vouched: readonly DnsKey[],
    work: Work,
  ): Made {
    const names = keys.map((key) => `${key.tag} (${algorithmName(key.algorithm)})`)
    if (!set || vouched.length === 0) {
      const why = reason('keyMissing', `${zone} has no key that its parent or the trust anchor vouches for.`)
      return { ...bogus(zone, why), keys: names }
    }
    const verdict = checkSignatures(set, { zone, keys: vouched }, this.#now(), work)
    if (verdict.kind === 'bad') return { ...bogus(zone, verdict.why), keys: names }
    const usable = keys.filter(({ flags }) => !(flags & keyFlag.revoked))
    return { link: { kind: 'secure', zone, keys: usable }, ttl: verdict.ttl, keys: names }
  }

  /** At an alias no zone can begin; but the alias must be signed. */
  #aliased(above: SignedZone, child: Name, set: RrSet | undefined, work: Work): Made {
    const verdict = set && checkSignatures(set, above, this.#now(), work)
    if (verdict?.kind === 'good') return { link: { kind: 'no-cut' }, ttl: verdict.ttl }
    return bogus(child, verdict?.why ?? reason('bogus', `The alias at ${child} leads nowhere.`))
  }

  /** RFC 4035 §5.2, RFC 6840 §4.4: the parent proves that there is no DS. */
  #withoutDs(above: SignedZone, child: Name, reply: Reply, work: Work): Made {
    const proofs = goodProofs(reply.authority, above, this.#now(), work)
    const ttl = Math.min(negativeTtl(reply.authority), proofs.ttl)
    const missing = reason('nsecMissing', `${above.zone} does not prove that ${child} is unsigned.`)
    const said = denialFrom(proofs.good, above.zone, work).noDs(child)
    if (said === undefined) return bogus(child, proofs.why ?? missing)
    if (said === 'no-zone') return { link: { kind: reply.found === 'no-name' ? 'no-name' : 'no-cut' }, ttl }
    const unsigned = reason('other', `${above.zone} says that ${child} is not signed.`)
    return { link: { kind: 'insecure', zone: child, why: unsigned }, ttl }
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000)
  }
}

interface Made {
  readonly link: Link
  /** Seconds. */
  readonly ttl: number
  readonly ds?: readonly string[]
  readonly keys?: readonly string[]
}

function bogus(zone: Name, why: DnsReason): Made {
  return { link: { kind: 'bogus', zone, why }, ttl: 0 }
}

function keysIn(reply: Reply): DnsKey[] {
  if (reply.found !== 'records') return []
  const keys = (reply.set?.data ?? []).slice(0, mostKeys).map(readDnsKey)
  return keys.filter((each) => each !== undefined)
}

function isBroken(link: Link): boolean {
  return link.kind === 'bogus' || link.kind === 'indeterminate'
}

function asTrust(link: Link): Trust {
  if (link.kind !== 'no-cut' && link.kind !== 'no-name') return link
  return { kind: 'indeterminate', why: reason('indeterminate', 'The trust anchor is at no zone.') }
}

function tellOf(
  zone: Name,
  link: Link,
  ds: readonly string[],
  keys: readonly string[],
  isAnchor: boolean,
): DnsLink | undefined {
  if (link.kind === 'no-name' || link.kind === 'later') return undefined
  const state = isAnchor && link.kind === 'secure' ? 'anchor' : link.kind
  return { zone, state, ds, keys, why: 'why' in link ? [link.why] : [] }
}
