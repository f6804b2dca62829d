import { domainOf, localPartOf, parseDomain } from '../../lib/address.ts'
import { addressOctets } from '../../lib/ip-octets.ts'
import { readHeader } from '../../lib/mime/header.ts'
import { asBuffer } from '../../lib/mime/octets.ts'
import { privateNetworks } from '../../lib/networks.ts'
import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { Arrival } from '../../ports/intake.ts'
import type {
  AuthChecks,
  AuthReport,
  DkimCheck,
  IprevCheck,
  MailAuthenticator,
  SpfCheck,
} from '../../ports/mail-authentication.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import { type ArcChain, readChain } from './arc/chain.ts'
import { verifyChain } from './arc/verify.ts'
import { authorDomains } from './author.ts'
import { checkBimi } from './bimi.ts'
import { findClientNames } from './client-names.ts'
import { checkDmarc } from './dmarc/check.ts'
import { forgedFields } from './forged.ts'
import { Lookups } from './lookups.ts'
import { Network } from './network.ts'
import { resultsText } from './results-field.ts'
import type { Sealer } from './sealer.ts'
import { type BodyHashes, hashBody } from './signature/body-hashes.ts'
import { bodyHashOf, type CheckedSignature, checkSignatures, findSignatures } from './signature/check.ts'
import { type IndexedHeader, indexHeader } from './signature/header-input.ts'
import { checkSpf } from './spf/check.ts'

export interface AuthenticatorParts {
  readonly resolver: DnsResolver
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** Every name of this server; the first speaks. */
  readonly hostnames: readonly string[]
  /** Names of fields that nobody but this server writes, in lower case: strangers' are taken out. */
  readonly marks?: readonly string[]
  /** Nothing is checked, and nobody asked; what pretends that it was is taken out all the same. */
  readonly unchecked?: boolean
  /** Undefined: what goes on to other servers is not sealed. */
  readonly sealer: Sealer | undefined
}

/** Headers beyond this are no letter's: what stands behind is not looked at. */
const mostHeaderOctets = 1024 * 1024

export class Authenticator implements MailAuthenticator {
  readonly #parts: AuthenticatorParts
  readonly #network: Network
  readonly #ours: ReadonlySet<string>

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts
    this.#network = new Network(parts.resolver, parts)
    this.#ours = new Set(parts.hostnames.map((name) => name.toLowerCase()))
  }

  async authenticate(arrival: Arrival): Promise<AuthReport> {
    if (this.#parts.unchecked || arrival.origin.kind === 'fetched')
      return { header: '', forged: await this.#forgedResults(arrival) }
    const began = this.#parts.clock.now()
    let forged: AuthReport['forged'] = []
    try {
      const indexed = await this.#header(arrival)
      forged = forgedFields(indexed, this.#ours, this.#parts.marks ?? [])
      return { forged, ...(await this.#report(arrival, indexed)) }
    } catch (cause) {
      // A mistake of ours must not keep mail out; without results it is judged like mail that proves nothing.
      this.#parts.log.error('authentication.failed', cause, { id: arrival.id })
      return { header: '', forged }
    } finally {
      this.#parts.meter.observeSeconds('authentication_seconds', (this.#parts.clock.now() - began) / 1000)
    }
  }

  async #forgedResults(arrival: Arrival): Promise<NonNullable<AuthReport['forged']>> {
    const octets = asBuffer(await this.#headerOctets(arrival))
    const { marks = [] } = this.#parts
    // Hardly any message has one, and looking for it costs next to nothing.
    if (marks.length === 0 && !/authentication-results/i.test(octets.toString('latin1'))) return []
    return forgedFields(indexHeader(readHeader(octets)), this.#ours, marks)
  }

  async #header(arrival: Arrival): Promise<IndexedHeader> {
    return indexHeader(readHeader(await this.#headerOctets(arrival)))
  }

  #headerOctets({ message }: Arrival): Promise<Uint8Array> {
    const to = Math.min(message.index.headerBytes, mostHeaderOctets)
    return this.#parts.bytes.read(message, { from: 0, to })
  }

  async #report(arrival: Arrival, indexed: IndexedHeader): Promise<AuthReport> {
    const { clock, hostnames } = this.#parts
    const lookups = new Lookups(this.#network, clock)
    const { checks, signatures, chain, body } = await this.#check(arrival, indexed, lookups)
    const results = resultsText({
      hostname: hostnames[0] ?? 'localhost',
      checks,
      signatures,
      ip: arrival.client.ip,
      sender: arrival.sender ?? arrival.client.helo,
    })
    this.#count(checks)
    const seal = await this.#seal(arrival, { indexed, chain, body, checks, results })
    return { header: `${seal}Authentication-Results: ${results}\r\n`, checks }
  }

  async #check(arrival: Arrival, indexed: IndexedHeader, lookups: Lookups) {
    const now = this.#parts.clock.now()
    const found = findSignatures(indexed)
    const chain = readChain(indexed)
    const body = this.#hash(arrival, found, chain)
    const means = { indexed, body, lookups, now }
    const authors = authorDomains(indexed.header)
    const [spf, signatures, arc, iprev] = await Promise.all([
      this.#spf(arrival, lookups),
      checkSignatures(found, means),
      verifyChain(chain, means),
      iprevOf(arrival.client.ip, lookups),
      body,
      // Will be asked for when the others are known: it may as well be on its way.
      ...(authors ?? []).slice(0, 1).map((author) => lookups.texts(`_dmarc.${author}`)),
    ])
    const dmarc = await checkDmarc(authors, identitiesOf(spf, signatures), lookups)
    const proven = found.filter((_, at) => signatures[at]?.result === 'pass')
    const bimi = await checkBimi({ header: indexed.header, dmarc, signatures: proven }, lookups)
    const checks: AuthChecks = {
      spf,
      dkim: signatures.map(dkimCheck),
      dmarc,
      arc,
      iprev,
      ...(bimi && { bimi }),
    }
    return { checks, signatures, chain, body: await body }
  }

  #hash(arrival: Arrival, found: ReturnType<typeof findSignatures>, chain: ArcChain): Promise<BodyHashes> {
    const last = chain.kind === 'chain' ? chain.sets.at(-1) : undefined
    const wanted = found.flatMap(({ read }) =>
      read.kind === 'signature' ? [bodyHashOf(read.signature)] : [],
    )
    if (last) wanted.push(bodyHashOf(last.signature))
    if (this.#parts.sealer) wanted.push(relaxedBody)
    return hashBody(this.#parts.bytes, arrival.message, wanted)
  }

  async #spf({ sender, client }: Arrival, lookups: Lookups): Promise<SpfCheck> {
    const { clock, hostnames } = this.#parts
    // RFC 7208 §2.4: without MAIL FROM it is postmaster at the name in HELO.
    const domain = sender === undefined ? (parseDomain(client.helo) ?? '') : domainOf(sender)
    const localPart = sender === undefined ? 'postmaster' : localPartOf(sender)
    const question = {
      ip: client.ip,
      helo: client.helo,
      localPart,
      domain,
      receiver: hostnames[0] ?? 'unknown',
      now: clock.now(),
    }
    const verdict = await checkSpf(question, lookups)
    const identity = sender === undefined ? ('helo' as const) : ('mailfrom' as const)
    const isNearby = privateNetworks.has(client.ip) && verdict.result !== 'pass'
    return isNearby
      ? { ...verdict, result: 'none', why: 'the client is on a network of ours', identity, domain }
      : { ...verdict, identity, domain }
  }

  async #seal(
    { recipients }: Arrival,
    {
      indexed,
      chain,
      body,
      checks,
      results,
    }: { indexed: IndexedHeader; chain: ArcChain; body: BodyHashes; checks: AuthChecks; results: string },
  ): Promise<string> {
    const bodyHash = body.of(relaxedBody)?.hash
    const [first] = recipients
    if (!this.#parts.sealer || !bodyHash || !first || chain.kind === 'broken' || checks.arc.result === 'fail')
      return ''
    return this.#parts.sealer({
      indexed,
      chain,
      bodyHash,
      results,
      domain: domainOf(first.address),
      at: this.#parts.clock.now(),
    })
  }

  #count({ spf, dkim, dmarc, arc }: AuthChecks): void {
    const { meter } = this.#parts
    meter.count('authentication_total', { method: 'spf', result: spf.result })
    for (const { result } of dkim) meter.count('authentication_total', { method: 'dkim', result })
    meter.count('authentication_total', { method: 'dmarc', result: dmarc.result })
    meter.count('authentication_total', { method: 'arc', result: arc.result })
  }
}

const relaxedBody = { canonical: 'relaxed', octets: undefined } as const

/** No record can speak for a relay in the same house, or a proxy that hides the client. Rspamd leaves them out as well. */
async function iprevOf(ip: string, lookups: Lookups): Promise<IprevCheck> {
  const octets = addressOctets(ip)
  if (!octets || privateNetworks.has(ip)) return { result: 'permerror', name: '' }
  const { kind, confirmed } = await findClientNames(octets, lookups)
  const [name = ''] = confirmed
  if (name !== '') return { result: 'pass', name }
  if (kind === 'trouble') return { result: 'temperror', name }
  return { result: kind === 'none' ? 'permerror' : 'fail', name }
}

const dkimCheck = ({ result, why, domain, selector, algorithm }: CheckedSignature): DkimCheck => ({
  result,
  why,
  domain,
  selector,
  algorithm,
})

function identitiesOf(spf: SpfCheck, signatures: readonly CheckedSignature[]) {
  const named = (wanted: string) =>
    signatures.filter(({ result }) => result === wanted).map(({ domain }) => domain)
  return {
    spf: spf.result === 'pass' ? spf.domain : undefined,
    unknownSpf: spf.result === 'temperror' ? spf.domain : undefined,
    dkim: named('pass'),
    unknownDkim: named('temperror'),
  }
}
