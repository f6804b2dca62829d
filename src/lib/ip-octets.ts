import { isIP } from 'node:net'
import { withoutMapping } from './network-of.ts'

/** The octets of an address, 4 or 16; an IPv4 address in IPv6 clothes is an IPv4 address. Undefined where it is none. */
export function addressOctets(text: string): Uint8Array | undefined {
  const ip = withoutMapping(text)
  switch (isIP(ip)) {
    case 4:
      return Uint8Array.from(ip.split('.'), Number)
    case 6:
      return ip6Octets(ip)
    default:
      return undefined
  }
}

function ip6Octets(ip: string): Uint8Array {
  const dotted = /\d+\.\d+\.\d+\.\d+$/.exec(ip)?.[0]
  const tailOctets = dotted === undefined ? [] : dotted.split('.').map(Number)
  const [left = '', right] = (
    dotted === undefined ? ip : ip.slice(0, -dotted.length).replace(/([^:]):$/, '$1')
  ).split('::')
  const octetsOf = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  const octets = new Uint8Array(16)
  const tail = [...octetsOf(right ?? ''), ...tailOctets]
  octets.set(octetsOf(left))
  octets.set(tail, 16 - tail.length)
  return octets
}

/** Whether the first bits are the same; never for addresses of two families. */
export function isInNetwork(address: Uint8Array, network: Uint8Array, bits: number): boolean {
  if (address.length !== network.length) return false
  return address.every((octet, index) => {
    const kept = Math.max(0, Math.min(8, bits - index * 8))
    return (octet ^ (network[index] ?? 0)) >> (8 - kept) === 0
  })
}

/** `1.2.0.192.in-addr.arpa`. RFC 1035 §3.5, RFC 3596 §2.5. */
export function reverseName(octets: Uint8Array): string {
  return `${reversed(octets)}.${octets.length === 4 ? 'in-addr' : 'ip6'}.arpa`
}

/** `1.2.0.192`: how DNS lists are asked too. */
export function reversed(octets: Uint8Array): string {
  return (octets.length === 4 ? [...octets] : nibbles(octets)).reverse().join('.')
}

export function nibbles(octets: Uint8Array): string[] {
  return [...octets].flatMap((octet) => [(octet >> 4).toString(16), (octet & 15).toString(16)])
}
