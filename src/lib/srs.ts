import { createHmac } from 'node:crypto'
import { type Address, type DomainName, domainOf, localPartOf, parseAddress } from './address.ts'

/**
 * The Sender Rewriting Scheme, guarded form, byte for byte as Mailu's library writes it: bounces to addresses that it gave
 * out still find back. https://www.libsrs2.org/srs/srs.pdf
 */
export interface SrsRules {
  /** Where the rewritten addresses live. */
  readonly domain: DomainName
  readonly key: Buffer
  /** UTC milliseconds. */
  readonly now: number
}

const validDays = 21
const hashLength = 4
const dayMs = 86_400_000
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const first = /^srs0[-+=]([^=]{4})=([a-z2-7]{2})=([^=]+)=(.+)$/i
const later = /^srs1[-+=]([^=]{4})=([^=]+)=([-+=].+)$/i
const opaque = /^srs0([-+=].+)$/i

/** Undefined where that cannot be an address: too long, or in quotes. */
export function srsForward(sender: Address, { domain, key, now }: SrsRules): Address | undefined {
  const local = localPartOf(sender)
  const from = domainOf(sender)
  const [, , host, rest] = later.exec(local) ?? []
  if (host !== undefined && rest !== undefined) return second(host, rest, { domain, key })
  const [, tail] = opaque.exec(local) ?? []
  if (tail !== undefined) return second(from, tail, { domain, key })
  // A local part in quotes has no place inside another.
  if (local.startsWith('"')) return undefined
  const stamp = stampOf(now)
  return parseAddress(`SRS0=${hashOf(`${stamp}${from}${local}`, key)}=${stamp}=${from}=${local}@${domain}`)
}

/** Who it was; undefined where it is no such address, not ours, or too old. The domain is the caller's to check. */
export function srsReverse(address: Address, { key, now }: Omit<SrsRules, 'domain'>): Address | undefined {
  const local = localPartOf(address)
  const [, laterHash = '', host, rest] = later.exec(local) ?? []
  if (host !== undefined && rest !== undefined) {
    return isHash(laterHash, `${host}${rest}`, key) ? parseAddress(`SRS0${rest}@${host}`) : undefined
  }
  const [, hash = '', stamp = '', from, name] = first.exec(local) ?? []
  if (from === undefined || name === undefined || !isHash(hash, `${stamp}${from}${name}`, key))
    return undefined
  return isValid(stamp, now) ? parseAddress(`${name}@${from}`) : undefined
}

/** SRS1: bounces go to us, then straight to the first who rewrote. */
function second(host: string, rest: string, { domain, key }: Omit<SrsRules, 'now'>): Address | undefined {
  return parseAddress(`SRS1=${hashOf(`${host}${rest}`, key)}=${host}=${rest}@${domain}`)
}

function hashOf(text: string, key: Buffer): string {
  return createHmac('sha1', key).update(text.toLowerCase()).digest('base64').slice(0, hashLength)
}

// Mail servers change the case of local parts, ours among them.
function isHash(hash: string, text: string, key: Buffer): boolean {
  return hash.toLowerCase() === hashOf(text, key).toLowerCase()
}

function stampOf(now: number): string {
  const day = Math.floor(now / dayMs)
  return `${base32[(day >> 5) & 31]}${base32[day & 31]}`
}

function isValid(stamp: string, now: number): boolean {
  const ages = Array.from({ length: validDays }, (_, age) => stampOf(now - age * dayMs))
  return ages.includes(stamp.toUpperCase())
}
