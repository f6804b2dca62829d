import { createPublicKey, type KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { base64Of, listOf, parseTags } from './tags.ts'

export interface PublicKey {
  readonly kind: 'key'
  readonly key: KeyObject
  readonly type: 'rsa' | 'ed25519'
  /** Of an RSA modulus. */
  readonly bits: number
  /** Undefined: any. */
  readonly hashes: readonly string[] | undefined
  /** t=y: the domain only tries DKIM out. */
  readonly testing: boolean
  /** t=s: i= must be d= itself. */
  readonly strict: boolean
}

export type KeyRecord =
  | PublicKey
  | { readonly kind: 'revoked' }
  | { readonly kind: 'unusable'; readonly why: string }

const parsed = new LRUCache<string, KeyRecord>({ max: 500 })

/** The TXT record at `selector._domainkey.domain`. RFC 6376 §3.6.1, RFC 8463. */
export function readKeyRecord(text: string): KeyRecord {
  const known = parsed.get(text)
  if (known) return known
  const record = read(text)
  parsed.set(text, record)
  return record
}

const unusable = (why: string): KeyRecord => ({ kind: 'unusable', why })

function read(text: string): KeyRecord {
  const tags = parseTags(text)
  if (!tags) return unusable('its key record is no list of tags')
  const [first] = tags.keys()
  // v= may be left out; where it stands, it stands first.
  if (tags.has('v') && (first !== 'v' || tags.get('v') !== 'DKIM1'))
    return unusable('its key record is of another version')
  if (!listOf(tags.get('s') ?? '*').some((service) => service === '*' || service === 'email'))
    return unusable('its key is not for mail')
  const p = tags.get('p')
  if (p === undefined) return unusable('its key record has no key')
  if (p.replace(/\s+/g, '') === '') return { kind: 'revoked' }
  const flags = listOf(tags.get('t') ?? '')
  const made = keyOf(tags.get('k') ?? 'rsa', base64Of(p))
  if (typeof made === 'string') return unusable(made)
  const hashes = tags.get('h')
  return {
    kind: 'key',
    ...made,
    hashes: hashes === undefined ? undefined : listOf(hashes),
    testing: flags.includes('y'),
    strict: flags.includes('s'),
  }
}

/** RFC 8410 §4: what stands before the 32 octets of an Ed25519 key in SubjectPublicKeyInfo. */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')
/** Larger ones cost much to check, and nobody needs them. */
const mostRsaBits = 8192

function keyOf(type: string, octets: Buffer | undefined): Pick<PublicKey, 'key' | 'type' | 'bits'> | string {
  if (!octets) return 'its key is not base64'
  if (type === 'ed25519') {
    if (octets.length !== 32) return 'its key is no Ed25519 key'
    const der = Buffer.concat([ed25519Prefix, octets])
    return { key: createPublicKey({ key: der, format: 'der', type: 'spki' }), type, bits: 256 }
  }
  if (type !== 'rsa') return `its key is of the unknown type ${type.slice(0, 20)}`
  const key = rsaKey(octets)
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0
  if (!key || bits > mostRsaBits) return 'its key is no RSA key'
  return { key, type, bits }
}

/** SubjectPublicKeyInfo, or the bare RSAPublicKey that some publish: RFC 6376 §3.6.1 with its erratum. */
function rsaKey(der: Buffer): KeyObject | undefined {
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      const key = createPublicKey({ key: der, format: 'der', type })
      if (key.asymmetricKeyType === 'rsa') return key
    } catch {
      // Not of this form.
    }
  }
  return undefined
}
