import { isIP } from 'node:net'

/** How many bits of an address name its network. */
export interface NetworkSizes {
  readonly v4Bits: number
  readonly v6Bits: number
}

/** The network whose guesses are counted together, as `192.0.2.0/24`. What is no address stands for itself. */
export function networkOf(ip: string, { v4Bits, v6Bits }: NetworkSizes): string {
  const plain = withoutMapping(ip)
  switch (isIP(plain)) {
    case 4:
      return `${masked(plain.split('.').map(Number), 8, v4Bits).join('.')}/${v4Bits}`
    case 6: {
      const groups = masked(groupsOf(plain), 16, v6Bits).map((group) => group.toString(16))
      return `${groups.join(':')}/${v6Bits}`
    }
    default:
      return plain
  }
}

/** An IPv4 client on an IPv6 socket is an IPv4 client. RFC 4291 §2.5.5.2. */
export function withoutMapping(ip: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip.replace(/%.*$/, '')
}

function masked(parts: readonly number[], partBits: number, bits: number): number[] {
  return parts.map((part, index) => {
    const kept = Math.max(0, Math.min(partBits, bits - index * partBits))
    return part & ((2 ** partBits - 1) << (partBits - kept)) & (2 ** partBits - 1)
  })
}

/** The eight groups of an IPv6 address. */
function groupsOf(ip: string): number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip)
  const hexOnly = dotted ? ip.slice(0, dotted.index) + hexPair(dotted) : ip
  const [left = '', right] = hexOnly.split('::')
  const head = left.split(':').filter(Boolean)
  const tail = (right ?? '').split(':').filter(Boolean)
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0')
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16))
}

function hexPair([, a, b, c, d]: RegExpExecArray): string {
  const pair = (high: string | undefined, low: string | undefined) =>
    (Number(high) * 256 + Number(low)).toString(16)
  return `${pair(a, b)}:${pair(c, d)}`
}
