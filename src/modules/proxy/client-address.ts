import { isIPv4, SocketAddress } from 'node:net'

/** One spelling per address: IPv4-mapped addresses are IPv4, IPv6 is shortened, without a zone. `ip` must be an address. */
export function canonicalAddress(ip: string): string {
  if (isIPv4(ip)) return ip
  const { address } = new SocketAddress({ address: ip.replace(/%.*$/, ''), family: 'ipv6' })
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
