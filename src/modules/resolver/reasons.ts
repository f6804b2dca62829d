import type { DnsReason } from '../../ports/dns-resolver.ts'

/** Extended errors that are given here, RFC 8914 §4. */
export const extendedError = {
  other: 0,
  unsupportedAlgorithm: 1,
  unsupportedDigest: 2,
  staleAnswer: 3,
  indeterminate: 5,
  bogus: 6,
  signatureExpired: 7,
  signatureNotYetValid: 8,
  keyMissing: 9,
  signaturesMissing: 10,
  noZoneKeyBit: 11,
  nsecMissing: 12,
  cachedError: 13,
  prohibited: 18,
  staleNoName: 19,
  notSupported: 21,
  noReachableAuthority: 22,
  networkError: 23,
  iterations: 27,
  synthesized: 29,
} as const

export function reason(kind: keyof typeof extendedError, text: string): DnsReason {
  return { code: extendedError[kind], text }
}
