import { isIP } from 'node:net'
import type { Finding } from './cache.ts'
import { reason } from './reasons.ts'
import { isAtOrUnder, type Name, parseName } from './wire/name.ts'
import { rrType } from './wire/types.ts'

/** Answers that never leave this machine: the hosts that were configured, and the names that mean nothing outside. */
export interface LocalNames {
  find(name: Name, type: number): Finding | undefined
}

const hour = 3600

/** RFC 6761 §6, RFC 7686 §2, RFC 6303 §4: the world is not asked for these. */
const nowhere: readonly Name[] = [
  'invalid',
  'onion',
  'localhost',
  '10.in-addr.arpa',
  '168.192.in-addr.arpa',
  ...Array.from({ length: 16 }, (_, at) => `${16 + at}.172.in-addr.arpa`),
  '127.in-addr.arpa',
  '254.169.in-addr.arpa',
  'd.f.ip6.arpa',
]

/** `forwarded`: zones that somebody is configured to know; they win over the list above. */
export function localNames(
  hosts: Readonly<Record<string, readonly string[]>>,
  forwarded: readonly Name[],
): LocalNames {
  const known = new Map<Name, readonly string[]>([['localhost', ['127.0.0.1', '::1']]])
  for (const [text, addresses] of Object.entries(hosts)) {
    const name = parseName(text)
    if (name !== undefined) known.set(name, addresses)
  }
  const tops = new Set([...known.keys(), ...nowhere].map((name) => name.slice(name.lastIndexOf('.') + 1)))
  return {
    find: (name, type) => {
      if (!tops.has(name.slice(name.lastIndexOf('.') + 1))) return undefined
      const addresses = known.get(name)
      if (addresses) return hostFinding(name, type, addresses)
      const isNowhere = nowhere.some((zone) => isAtOrUnder(name, zone))
      const isForwarded = forwarded.some((zone) => isAtOrUnder(name, zone))
      return isNowhere && !isForwarded ? finding(name, type, 'no-name', []) : undefined
    },
  }
}

function hostFinding(name: Name, type: number, addresses: readonly string[]): Finding | undefined {
  const wanted = addresses.filter((each) => isIP(each) === (type === rrType.A ? 4 : 6))
  // Of other types the world may know something: MX of a name whose address is kept here.
  if (type !== rrType.A && type !== rrType.AAAA) return undefined
  return finding(name, type, wanted.length > 0 ? 'records' : 'no-data', wanted.map(addressOctets))
}

function finding(name: Name, type: number, found: Finding['found'], data: readonly Uint8Array[]): Finding {
  return {
    name,
    type,
    found,
    set: data.length === 0 ? undefined : { name, type, ttl: hour, data, signatures: [] },
    target: undefined,
    authority: [],
    security: 'insecure',
    why: [reason('other', `${name} is answered by this server's own configuration.`)],
    signer: undefined,
    freshUntil: Number.MAX_SAFE_INTEGER,
    ttl: hour,
  }
}

function addressOctets(ip: string): Uint8Array {
  if (isIP(ip) === 4) return Uint8Array.from(ip.split('.').map(Number))
  const [before = '', after = ''] = ip.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const zeros = 8 - groups(before).length - groups(after).length
  const all = [
    ...groups(before),
    ...Array.from({ length: ip.includes('::') ? zeros : 0 }, () => '0'),
    ...groups(after),
  ]
  return Uint8Array.from(
    all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  )
}
