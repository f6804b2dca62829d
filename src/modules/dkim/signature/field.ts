import type { Canonical } from './canonical.ts'
import { base64Of, listOf, parseTags } from './tags.ts'

/** A DKIM-Signature field, or an ARC-Message-Signature, taken apart. RFC 6376 §3.5, RFC 8617 §4.1.2. */
export interface Signature {
  readonly domain: string
  readonly selector: string
  readonly keyType: 'rsa' | 'ed25519'
  readonly hash: 'sha256' | 'sha1'
  readonly headerCanonical: Canonical
  readonly bodyCanonical: Canonical
  readonly names: readonly string[]
  readonly bodyHash: Buffer
  readonly signature: Buffer
  /** l=; undefined: the whole body. */
  readonly bodyOctets: number | undefined
  /** i=; '' where it is not given, and in ARC. */
  readonly identity: string
  readonly signedAt: number | undefined
  /** UTC seconds, as t= is. */
  readonly expires: number | undefined
  /** i= of ARC. */
  readonly instance: number
}

/** `why` goes into Authentication-Results: plain words without marks. */
export type SignatureRead =
  | { readonly kind: 'signature'; readonly signature: Signature }
  | { readonly kind: 'unusable'; readonly domain: string; readonly why: string }

/** Longer ones are not looked at: no signer writes them. */
const mostOctets = 16_384
const mostNames = 500

export function readSignature(value: string, of: 'dkim' | 'arc'): SignatureRead {
  const tags = value.length <= mostOctets ? parseTags(value) : undefined
  if (!tags) return { kind: 'unusable', domain: '', why: 'it is no list of tags' }
  const domain = (tags.get('d') ?? '').toLowerCase()
  const read = readTags(tags, of)
  return typeof read === 'string'
    ? { kind: 'unusable', domain, why: read }
    : { kind: 'signature', signature: { domain, ...read } }
}

function readTags(tags: ReadonlyMap<string, string>, of: 'dkim' | 'arc'): Omit<Signature, 'domain'> | string {
  const get = (name: string) => tags.get(name) ?? ''
  const missing = required[of].find((name) => get(name) === '')
  if (missing !== undefined) return `${missing}= is missing`
  const algorithm = algorithms[get('a').toLowerCase()]
  if (!algorithm) return 'its algorithm is unknown'
  const canonicals = canonicalsOf(tags.get('c') ?? standardCanonicals[of])
  if (!canonicals) return 'its canonicalization is unknown'
  const [signature, bodyHash] = [base64Of(get('b')), base64Of(get('bh'))]
  if (!signature || !bodyHash) return 'its signature is not base64'
  const names = get('h') === '' ? [] : listOf(get('h'))
  const numbers = numbersOf(tags)
  if (typeof numbers === 'string') return numbers
  const signed = { selector: get('s'), ...algorithm, ...canonicals, names, signature, bodyHash, ...numbers }
  return of === 'dkim'
    ? dkimTags(signed, get('v'), get('i'))
    : { ...signed, identity: '', instance: Number(get('i')) }
}

/** RFC 6376 §3.5. Of ARC no RFC says it; its vectors say relaxed. */
const standardCanonicals = { dkim: 'simple/simple', arc: 'relaxed/relaxed' } as const

const required = {
  dkim: ['v', 'a', 'b', 'bh', 'd', 'h', 's'],
  arc: ['i', 'a', 'b', 'bh', 'd', 's'],
} as const

type Signed = Omit<Signature, 'domain' | 'identity' | 'instance'>

function dkimTags(signed: Signed, version: string, identity: string): Omit<Signature, 'domain'> | string {
  if (version !== '1') return 'it is of another version'
  if (signed.names.length > mostNames) return 'it names too many fields'
  // RFC 6376 §5.4.
  if (!signed.names.some((name) => name.toLowerCase() === 'from')) return 'From is not signed'
  return { ...signed, identity, instance: 0 }
}

const algorithms: Readonly<Record<string, Pick<Signature, 'keyType' | 'hash'> | undefined>> = {
  'rsa-sha256': { keyType: 'rsa', hash: 'sha256' },
  'rsa-sha1': { keyType: 'rsa', hash: 'sha1' },
  'ed25519-sha256': { keyType: 'ed25519', hash: 'sha256' },
}

function canonicalsOf(text: string): Pick<Signature, 'headerCanonical' | 'bodyCanonical'> | undefined {
  const [header = '', body = 'simple', ...more] = text.toLowerCase().split('/')
  return isCanonical(header) && isCanonical(body) && more.length === 0
    ? { headerCanonical: header, bodyCanonical: body }
    : undefined
}

const isCanonical = (text: string): text is Canonical => text === 'simple' || text === 'relaxed'

function numbersOf(
  tags: ReadonlyMap<string, string>,
): Pick<Signature, 'bodyOctets' | 'signedAt' | 'expires'> | string {
  const [l, t, x] = ['l', 't', 'x'].map((name) => tags.get(name))
  const wrong = [l, t, x].find((text) => text !== undefined && !/^\d{1,76}$/.test(text))
  if (wrong !== undefined) return 'a number in it is none'
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  const numbers = { bodyOctets: number(l), signedAt: number(t), expires: number(x) }
  const { signedAt, expires } = numbers
  if (signedAt !== undefined && expires !== undefined && expires < signedAt) return 'it ends before it begins'
  return numbers
}
