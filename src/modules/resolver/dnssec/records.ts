import { createHash } from 'node:crypto'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { Cursor } from '../wire/cursor.ts'
import type { Rr } from '../wire/message.ts'
import { type Name, nameToWire } from '../wire/name.ts'

/** RFC 4034 §3.1. */
export interface Rrsig {
  readonly typeCovered: number
  readonly algorithm: number
  readonly labels: number
  readonly originalTtl: number
  /** Seconds since 1970 modulo 2^32. */
  readonly expiration: number
  readonly inception: number
  readonly keyTag: number
  readonly signer: Name
  readonly signature: Uint8Array
  readonly data: Uint8Array
}

/** RFC 4034 §2.1. */
export interface DnsKey {
  readonly flags: number
  readonly protocol: number
  readonly algorithm: number
  readonly publicKey: Uint8Array
  readonly tag: number
  readonly data: Uint8Array
}

export const keyFlag = { zone: 0x100, revoked: 0x80, entryPoint: 1 } as const

/** RFC 4034 §5.1. */
export interface Ds {
  readonly keyTag: number
  readonly algorithm: number
  readonly digestType: number
  readonly digest: Uint8Array
}

/** Undefined where the octets do not fit, as of all that is read here. */
export function readRrsig(record: Rr): Rrsig | undefined {
  return attempt(() => {
    const cursor = new Cursor(record.data)
    return {
      typeCovered: cursor.u16(),
      algorithm: cursor.u8(),
      labels: cursor.u8(),
      originalTtl: cursor.u32(),
      expiration: cursor.u32(),
      inception: cursor.u32(),
      keyTag: cursor.u16(),
      signer: cursor.name(),
      signature: record.data.subarray(cursor.at),
      data: record.data,
    }
  })
}

export function readDnsKey(data: Uint8Array): DnsKey | undefined {
  return attempt(() => {
    const cursor = new Cursor(data)
    return {
      flags: cursor.u16(),
      protocol: cursor.u8(),
      algorithm: cursor.u8(),
      publicKey: data.subarray(cursor.at),
      tag: keyTagOf(data),
      data,
    }
  })
}

export function readDs(data: Uint8Array): Ds | undefined {
  return attempt(() => {
    const cursor = new Cursor(data)
    return {
      keyTag: cursor.u16(),
      algorithm: cursor.u8(),
      digestType: cursor.u8(),
      digest: data.subarray(cursor.at),
    }
  })
}

/** RFC 4034 appendix B. */
export function keyTagOf(data: Uint8Array): number {
  let sum = 0
  for (const [at, octet] of data.entries()) sum += at % 2 === 0 ? octet << 8 : octet
  return (sum + (sum >>> 16)) & 0xffff
}

/** SHA-1 (1) is no longer believed: RFC 9905. */
const digests = new Map([
  [2, 'sha256'],
  [4, 'sha384'],
])

export function knowsDigest(digestType: number): boolean {
  return digests.has(digestType)
}

/** RFC 4034 §5.1.4. */
export function dsMatches(ds: Ds, owner: Name, key: DnsKey): boolean {
  const digest = digests.get(ds.digestType)
  if (digest === undefined || ds.keyTag !== key.tag || ds.algorithm !== key.algorithm) return false
  return createHash(digest).update(nameToWire(owner)).update(key.data).digest().equals(ds.digest)
}

/** RFC 4034 §4.1.2. A bitmap that does not fit has no types: it proves less, never more. */
export function typesInBitmap(bitmap: Uint8Array): ReadonlySet<number> {
  const types = new Set<number>()
  const fits = attempt(() => {
    const cursor = new Cursor(bitmap)
    let last = -1
    while (cursor.at < bitmap.length) {
      const window = cursor.u8()
      const octets = cursor.take(cursor.u8())
      if (window <= last || octets.length === 0 || octets.length > 32) return undefined
      last = window
      for (let bit = 0; bit < octets.length * 8; bit++)
        if ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) types.add(window * 256 + bit)
    }
    return true
  })
  return fits === true ? types : new Set()
}

/** For data that strangers send: a grammar's BadSyntax is an absent value here. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof BadSyntax) return undefined
    throw cause
  }
}
