import type { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { digestOf, type Reading, readText } from './certificate-files.ts'
import { dnsNamesOf, type Offer } from './shelf.ts'
import { checkPair, type KeyPair } from './tls-profile.ts'

/** A thousand certificates fit. */
const mostBytes = 16 * 1024 * 1024
const mostOffers = 200
/** Names of ours in domains that are served here, beside HOSTNAMES. */
const ofDomains = /^(?:autoconfig|autodiscover|mta-sts)\./

/**
 * Reads the certificates that Traefik keeps: one list in its version 1, one for each resolver in later ones. The first
 * offer is for `names` (HOSTNAMES); others are kept where they are for a name this server answers to.
 * Throws where the file is none, or is half-written.
 */
export async function readTraefik(path: string, names: readonly string[]): Promise<Reading | undefined> {
  const size = await stat(path).then(
    (facts) => facts.size,
    () => 0,
  )
  if (size > mostBytes) throw new Error(`${path} is larger than ${mostBytes} bytes`)
  const text = await readText(path)
  if (text === undefined || text.trim() === '') return undefined
  const usable = pairsIn(parse(text, path)).flatMap(readable)
  const has = (pair: Usable, name: string) => pair.certificate.checkHost(name) !== undefined
  const best = names.map((name) => usable.filter((pair) => has(pair, name))).find(({ length }) => length > 0)
  if (best === undefined) return undefined
  const others = usable.filter(
    (pair) =>
      !best.includes(pair) &&
      (names.some((name) => has(pair, name)) ||
        dnsNamesOf(pair.certificate).some((name) => ofDomains.test(name))),
  )
  const offers: [Offer, ...Offer[]] = [
    onePerKind(best),
    ...others.slice(0, mostOffers).map(({ pair }) => [pair]),
  ]
  return { name: 'traefik', offers, digest: digestOf(offers) }
}

interface Usable {
  readonly pair: KeyPair
  readonly certificate: X509Certificate
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${path} is not whole: ${(cause as Error).message}`, { cause })
  }
}

/** Its spelling has changed: `Certificates` or `certificates`, `Certificate` or `certificate`. */
function pairsIn(file: unknown): KeyPair[] {
  const top = lowerCased(file)
  const lists = [top['certificates'], ...Object.values(top).map((each) => lowerCased(each)['certificates'])]
  return lists.flatMap((list) => (Array.isArray(list) ? list.flatMap(pairOf) : []))
}

function pairOf(entry: unknown): KeyPair[] {
  const { certificate, key } = lowerCased(entry)
  if (typeof certificate !== 'string' || typeof key !== 'string') return []
  const decoded = (text: string) => Buffer.from(text, 'base64').toString('utf8')
  return [{ certificate: decoded(certificate), key: decoded(key) }]
}

function lowerCased(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name.toLowerCase(), each]))
}

/** One that is broken is none: Traefik keeps those of many servers in one file. */
function readable(pair: KeyPair): Usable[] {
  try {
    return [{ pair, certificate: checkPair(pair) }]
  } catch {
    return []
  }
}

/** RSA beside ECDSA, and of each kind the one that lasts longest. */
function onePerKind(usable: readonly Usable[]): KeyPair[] {
  const byKind = new Map<string, Usable>()
  for (const each of usable) {
    const kind = each.certificate.publicKey.asymmetricKeyType ?? ''
    const known = byKind.get(kind)
    if (known === undefined || endOf(each) > endOf(known)) byKind.set(kind, each)
  }
  return [...byKind.values()].map(({ pair }) => pair)
}

const endOf = ({ certificate }: Usable) => Date.parse(certificate.validTo)
