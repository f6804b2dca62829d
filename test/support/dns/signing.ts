import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { keyTagOf, readRrsig } from '../../../src/modules/resolver/dnssec/records.ts'
import { signedOctets } from '../../../src/modules/resolver/dnssec/signatures.ts'
import { groupRecords, type RrSet } from '../../../src/modules/resolver/rr-set.ts'
import type { Rr } from '../../../src/modules/resolver/wire/message.ts'
import { countLabels, nameToWire } from '../../../src/modules/resolver/wire/name.ts'
import { rrType } from '../../../src/modules/resolver/wire/types.ts'
import { u16, u32 } from './records.ts'

/** A key of a zone, for tests: it signs what it is told to, true or not. */
export interface ZoneKey {
  readonly algorithm: number
  readonly privateKey: KeyObject
  /** DNSKEY data. */
  readonly data: Buffer
  readonly tag: number
}

export interface Period {
  /** Seconds since 1970. */
  readonly from: number
  readonly until: number
}

const b64 = (text: unknown) => Buffer.from(String(text), 'base64url')

export function makeKey(algorithm: number, options: { flags?: number; bits?: number } = {}): ZoneKey {
  const { flags = 257, bits = 1024 } = options
  const { publicKey, privateKey } = pairFor(algorithm, bits)
  const jwk = publicKey.export({ format: 'jwk' })
  const octets =
    jwk.kty === 'RSA' ? rsaOctets(jwk) : Buffer.concat([b64(jwk.x), ...(jwk.y ? [b64(jwk.y)] : [])])
  const data = Buffer.concat([u16(flags), Uint8Array.of(3, algorithm), octets])
  return { algorithm, privateKey, data, tag: keyTagOf(data) }
}

function pairFor(algorithm: number, bits: number): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 13) return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (algorithm === 14) return generateKeyPairSync('ec', { namedCurve: 'P-384' })
  if (algorithm === 15) return generateKeyPairSync('ed25519')
  if (algorithm === 16) return generateKeyPairSync('ed448')
  return generateKeyPairSync('rsa', { modulusLength: bits })
}

function rsaOctets(jwk: { e?: string; n?: string }): Buffer {
  const exponent = b64(jwk.e)
  return Buffer.concat([Uint8Array.of(exponent.length), exponent, b64(jwk.n)])
}

/** The same key with its revoke bit, RFC 5011 §2.1. */
export function revoked(key: ZoneKey): ZoneKey {
  const data = Buffer.from(key.data)
  data.writeUInt16BE(data.readUInt16BE(0) | 0x80, 0)
  return { ...key, data, tag: keyTagOf(data) }
}

export function keyRecord(zone: string, key: ZoneKey, ttl = 3600): Rr {
  return { name: zone, type: rrType.DNSKEY, class: 1, ttl, data: key.data }
}

export function dsRecord(zone: string, key: ZoneKey, ttl = 3600, digestType = 2): Rr {
  const hash = ['', 'sha1', 'sha256', '', 'sha384'][digestType] ?? 'sha256'
  const digest = createHash(hash).update(nameToWire(zone)).update(key.data).digest()
  const data = Buffer.concat([u16(key.tag), Uint8Array.of(key.algorithm, digestType), digest])
  return { name: zone, type: rrType.DS, class: 1, ttl, data }
}

const hashes: Readonly<Record<number, string | undefined>> = {
  5: 'sha1',
  7: 'sha1',
  8: 'sha256',
  10: 'sha512',
  13: 'sha256',
  14: 'sha384',
}

function signSet(set: RrSet, zone: string, key: ZoneKey, period: Period): Rr {
  const isWild = set.name.startsWith('*.')
  const head = Buffer.concat([
    u16(set.type),
    Uint8Array.of(key.algorithm, countLabels(set.name) - (isWild ? 1 : 0)),
    u32(set.ttl),
    u32(period.until),
    u32(period.from),
    u16(key.tag),
    nameToWire(zone),
  ])
  const record = { name: set.name, type: rrType.RRSIG, class: 1, ttl: set.ttl, data: head }
  const unsigned = readRrsig(record)
  if (!unsigned) throw new Error('This signature cannot be read back')
  const octets = signedOctets(set, unsigned)
  const privateKey = { key: key.privateKey, dsaEncoding: 'ieee-p1363' as const }
  return { ...record, data: Buffer.concat([head, sign(hashes[key.algorithm] ?? null, octets, privateKey)]) }
}

/** Signs every set with every key; DNSKEY as well. */
export function signAll(
  records: readonly Rr[],
  zone: string,
  keys: readonly ZoneKey[],
  period: Period,
): Rr[] {
  return groupRecords(records).flatMap((set) => keys.map((key) => signSet(set, zone, key, period)))
}
