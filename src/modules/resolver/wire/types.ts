import type { DnsType, KnownDnsType } from '../../../ports/dns-resolver.ts'

/** Every record type this resolver treats in its own way. Others pass through as `TYPEn` (RFC 3597). */
export const rrType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  TLSA: 52,
  SMIMEA: 53,
  OPENPGPKEY: 61,
  SVCB: 64,
  HTTPS: 65,
  ANY: 255,
  CAA: 257,
} as const

const names = new Map<number, string>(Object.entries(rrType).map(([name, number]) => [number, name]))

export function typeNumber(type: DnsType): number {
  const known = rrType[type as KnownDnsType]
  return known ?? Number(type.slice(4))
}

export function typeName(type: number): string {
  return names.get(type) ?? `TYPE${type}`
}

/** Types that nobody resolves: OPT, transfers, ANY and their like (RFC 6895 §3.1), and signatures without what they sign. */
export function isQueryOnly(type: number): boolean {
  return (
    !(type > 0 && type < 65536) ||
    type === rrType.OPT ||
    type === rrType.RRSIG ||
    (type >= 128 && type <= 255)
  )
}

export const rcode = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
  badVers: 16,
} as const

const rcodeNames = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']

export function rcodeName(code: number): string {
  return rcodeNames[code] ?? `RCODE${code}`
}
