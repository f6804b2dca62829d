import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import type { DnsKey } from './records.ts'

interface Algorithm {
  readonly name: string
  /** Undefined where these octets are no key of this kind. */
  readonly toJwk: (key: Uint8Array) => JsonWebKey | undefined
  readonly hash: string | null
}

/** What is validated, RFC 8624 §3.1 without SHA-1 (RFC 9905). A zone signed with others alone counts as unsigned. */
const algorithms = new Map<number, Algorithm>([
  [8, { name: 'RSASHA256', toJwk: (key) => rsaJwk(key, 512), hash: 'sha256' }], // RFC 5702
  [10, { name: 'RSASHA512', toJwk: (key) => rsaJwk(key, 1024), hash: 'sha512' }],
  [13, { name: 'ECDSAP256SHA256', toJwk: (key) => curveJwk('P-256', 32, key), hash: 'sha256' }], // RFC 6605
  [14, { name: 'ECDSAP384SHA384', toJwk: (key) => curveJwk('P-384', 48, key), hash: 'sha384' }],
  [15, { name: 'ED25519', toJwk: (key) => edwardsJwk('Ed25519', 32, key), hash: null }], // RFC 8080
  [16, { name: 'ED448', toJwk: (key) => edwardsJwk('Ed448', 57, key), hash: null }],
])

/** RFC 5702 §2: keys are at most 4096 bits. */
const longestModulus = 4096 / 8
/** Larger public exponents make verifying slow, and nobody has them. */
const longestExponent = 4

export function knowsAlgorithm(algorithm: number): boolean {
  return algorithms.has(algorithm)
}

export function algorithmName(algorithm: number): string {
  return algorithms.get(algorithm)?.name ?? String(algorithm)
}

const keyObjects = new WeakMap<DnsKey, KeyObject | 'unusable'>()

/** False as well where the key is no key, too small or too large for its algorithm. */
export function verifies(key: DnsKey, signature: Uint8Array, data: Uint8Array): boolean {
  const algorithm = algorithms.get(key.algorithm)
  if (!algorithm) return false
  const object = keyObjects.get(key) ?? keyObject(algorithm, key)
  keyObjects.set(key, object)
  if (object === 'unusable') return false
  return verify(algorithm.hash, data, { key: object, dsaEncoding: 'ieee-p1363' }, signature)
}

function keyObject(algorithm: Algorithm, key: DnsKey): KeyObject | 'unusable' {
  const jwk = algorithm.toJwk(key.publicKey)
  if (!jwk) return 'unusable'
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return 'unusable' // a point that is on no curve
  }
}

const text = (octets: Uint8Array) => Buffer.from(octets).toString('base64url')

/** RFC 3110 §2. */
function rsaJwk(key: Uint8Array, leastBits: number): JsonWebKey | undefined {
  const isLong = key[0] === 0
  const start = isLong ? 3 : 1
  const length = isLong ? (key[1] ?? 0) * 256 + (key[2] ?? 0) : (key[0] ?? 0)
  const exponent = key.subarray(start, start + length)
  const modulus = key.subarray(start + length)
  if (length === 0 || length > longestExponent || modulus.length > longestModulus) return undefined
  if (modulus.length * 8 < leastBits || modulus[0] === 0) return undefined
  return { kty: 'RSA', e: text(exponent), n: text(modulus) }
}

function curveJwk(crv: string, half: number, key: Uint8Array): JsonWebKey | undefined {
  if (key.length !== half * 2) return undefined
  return { kty: 'EC', crv, x: text(key.subarray(0, half)), y: text(key.subarray(half)) }
}

function edwardsJwk(crv: string, length: number, key: Uint8Array): JsonWebKey | undefined {
  return key.length === length ? { kty: 'OKP', crv, x: text(key) } : undefined
}
