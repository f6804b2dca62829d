import { verify as cryptoVerify, hash } from 'node:crypto'
import { promisify } from 'node:util'
import type { Lookups } from '../lookups.ts'
import type { BodyHashes } from './body-hashes.ts'
import type { Signature } from './field.ts'
import { headerInput, type IndexedHeader, signedFields } from './header-input.ts'
import { type PublicKey, readKeyRecord } from './key-record.ts'

/** RFC 8601 §2.7.1. `why` is plain words without marks, '' where there is nothing to say. */
export interface Verdict {
  readonly result: 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror'
  readonly why: string
}

export interface ToVerify {
  readonly signature: Signature
  /** Of the signature itself, as it stands. */
  readonly raw: string
  readonly indexed: IndexedHeader
  readonly body: Promise<BodyHashes>
  readonly lookups: Pick<Lookups, 'texts'>
  readonly now: number
}

/** RFC 6376 §6.1. */
export async function verifySignature(given: ToVerify): Promise<Verdict> {
  const { signature, now } = given
  const doubt = outOfDate(signature, now) ?? ofAnother(signature)
  if (doubt) return doubt
  const key = await findKey(signature, given.lookups)
  if ('result' in key) return key
  const unfit = misfit(signature, key)
  if (unfit) return unfit
  const verdict = bodyVerdict(signature, await given.body) ?? (await headerVerdict(given, key))
  // RFC 6376 §3.6.1: who tries DKIM out is treated as if he did not sign.
  return key.testing && verdict.result !== 'pass'
    ? { result: 'neutral', why: 'the domain only tests DKIM' }
    : verdict
}

/** A clock may be wrong by this. */
const skewSeconds = 300

function outOfDate({ signedAt, expires }: Signature, now: number): Verdict | undefined {
  const seconds = now / 1000
  if (expires !== undefined && expires + skewSeconds < seconds)
    return { result: 'fail', why: 'the signature has expired' }
  if (signedAt !== undefined && signedAt - skewSeconds > seconds)
    return { result: 'fail', why: 'the signature is from the future' }
  return undefined
}

/** RFC 6376 §3.5: i= is d= or below it. */
function ofAnother({ identity, domain }: Signature): Verdict | undefined {
  if (identity === '') return undefined
  const of = identityDomain(identity)
  return of === domain || of.endsWith(`.${domain}`)
    ? undefined
    : { result: 'permerror', why: 'i= is not of the domain that signs' }
}

const identityDomain = (identity: string) => identity.slice(identity.lastIndexOf('@') + 1).toLowerCase()

/** RFC 6376 §6.1.2. */
export async function findKey(
  { selector, domain }: Pick<Signature, 'selector' | 'domain'>,
  lookups: Pick<Lookups, 'texts'>,
): Promise<PublicKey | Verdict> {
  const texts = await lookups.texts(`${selector}._domainkey.${domain}`)
  if (texts === 'trouble') return { result: 'temperror', why: 'the key cannot be looked up now' }
  if (texts === 'none') return { result: 'permerror', why: 'there is no such key' }
  const records = texts.map(readKeyRecord)
  const key = records.find(({ kind }) => kind === 'key') ?? records[0]
  if (key?.kind === 'key') return key
  if (key?.kind === 'revoked') return { result: 'permerror', why: 'the key was revoked' }
  return { result: 'permerror', why: key?.why ?? 'there is no such key' }
}

/** RFC 8301 §3.2. */
const leastRsaBits = 1024

function misfit(signature: Signature, key: PublicKey): Verdict | undefined {
  const { keyType, hash, identity, domain } = signature
  if (keyType !== key.type) return { result: 'permerror', why: 'the key is of another type' }
  // RFC 8301 §3.1: SHA-1 must not be used any more.
  if (hash === 'sha1') return { result: 'permerror', why: 'SHA-1 proves nothing' }
  if (key.hashes && !key.hashes.includes(hash))
    return { result: 'permerror', why: 'the key is not for this hash' }
  if (key.type === 'rsa' && key.bits < leastRsaBits)
    return { result: 'policy', why: `${key.bits} bits are too few` }
  if (key.strict && identity !== '' && identityDomain(identity) !== domain)
    return { result: 'permerror', why: 'i= is not of the domain that signs' }
  return undefined
}

function bodyVerdict(signature: Signature, body: BodyHashes): Verdict | undefined {
  const { bodyCanonical, bodyOctets, bodyHash } = signature
  const found = body.of({ canonical: bodyCanonical, octets: bodyOctets })
  if (!found?.hash.equals(bodyHash)) return { result: 'fail', why: 'the body was changed' }
  // RFC 6376 §8.2: what was added behind could show anything under the signer's name.
  if (bodyOctets !== undefined && bodyOctets < found.octets)
    return { result: 'policy', why: 'the body goes on behind what was signed' }
  return undefined
}

const verifyAside = promisify(cryptoVerify)

async function headerVerdict({ signature, raw, indexed }: ToVerify, key: PublicKey): Promise<Verdict> {
  const { names, headerCanonical } = signature
  const input = headerInput(signedFields(indexed, names, headerCanonical), raw, headerCanonical)
  return (await isSignedBy(input, signature.signature, key))
    ? { result: 'pass', why: '' }
    : { result: 'fail', why: 'the header was changed, or the key is another' }
}

/** Keys of usual size are checked at once, as handing them to another thread costs more; larger ones there. */
const mostBitsHere = 2048

export async function isSignedBy(
  input: Buffer,
  signature: Buffer,
  { key, type, bits }: PublicKey,
): Promise<boolean> {
  // RFC 8463 §3: Ed25519 signs the SHA-256 of what RSA would sign.
  if (type === 'ed25519') return cryptoVerify(null, sha256(input), key, signature)
  if (bits <= mostBitsHere) return cryptoVerify('sha256', input, key, signature)
  return verifyAside('sha256', input, key, signature)
}

const sha256 = (octets: Buffer) => hash('sha256', octets, 'buffer')
