import { isIPv4, isIPv6 } from 'node:net'
import { BadSyntax } from '../../lib/bad-syntax.ts'
import { canonicalAddress } from './client-address.ts'

/** What a proxy in front says about the client: the PROXY protocol, versions 1 and 2 (haproxy's proxy-protocol.txt). */
export interface ProxyHeader {
  /** Undefined for the proxy's own connections (LOCAL, UNKNOWN, a UNIX socket): the socket tells the client then. */
  readonly source: { readonly ip: string; readonly port: number } | undefined
  /** Octets of the header; what follows is the client's. */
  readonly length: number
}

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const word = Buffer.from('PROXY ', 'latin1')
/** §2.1: the longest line with its CRLF. */
const longestLine = 107
/** §2.2 allows 64 KiB of extensions; proxies send some dozens of octets, a client certificate's name at most. */
const longestExtras = 4096

/** Reads the header at the start of `bytes`, or says that more is needed. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | 'more' {
  if (startsAlike(bytes, signature)) return bytes.length < 16 ? 'more' : parseBinary(bytes)
  if (startsAlike(bytes, word)) return parseLine(bytes)
  throw new BadSyntax('no PROXY header', 0)
}

function startsAlike(bytes: Buffer, beginning: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length)
  return bytes.subarray(0, length).equals(beginning.subarray(0, length))
}

// §2.1: PROXY TCP4 192.0.2.1 192.0.2.9 56324 443
function parseLine(bytes: Buffer): ProxyHeader | 'more' {
  const end = bytes.subarray(0, longestLine).indexOf('\r\n', 0, 'latin1')
  if (end < 0 && bytes.length < longestLine) return 'more'
  if (end < 0) throw new BadSyntax('PROXY line too long', longestLine)
  const line = bytes.toString('latin1', 0, end)
  if (/[\r\n]/.test(line)) throw new BadSyntax('bare CR or LF in the PROXY line', line.search(/[\r\n]/))
  const length = end + 2
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { source: undefined, length }
  const [, family = '', ip = '', target = '', port = '', targetPort = ''] =
    /^PROXY (TCP4|TCP6) ([\da-fA-F.:]+) ([\da-fA-F.:]+) (\d{1,5}) (\d{1,5})$/.exec(line) ?? []
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6
  if (!isAddress(ip) || !isAddress(target)) throw new BadSyntax('bad address in the PROXY line', 6)
  if (!isPort(port) || !isPort(targetPort)) throw new BadSyntax('bad port in the PROXY line', 6)
  return { source: { ip: canonicalAddress(ip), port: Number(port) }, length }
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d*)$/.test(text) && Number(text) <= 65_535
}

// §2.2: signature, version and command, family, length, addresses, extensions
function parseBinary(bytes: Buffer): ProxyHeader | 'more' {
  const command = bytes.readUInt8(12)
  if (command !== 0x20 && command !== 0x21) throw new BadSyntax('unknown PROXY version or command', 12)
  const size = bytes.readUInt16BE(14)
  if (size > longestExtras) throw new BadSyntax('PROXY header too long', 14)
  const length = 16 + size
  if (bytes.length < length) return 'more'
  // §2.2: whatever a LOCAL header carries is to be ignored.
  if (command === 0x20) return { source: undefined, length }
  return { source: parseSource(bytes.readUInt8(13), bytes.subarray(16, length)), length }
}

/** Family and protocol in one octet; addresses are source, target, source port, target port. */
const families: Readonly<Record<number, { readonly address: number; readonly block: number }>> = {
  0: { address: 0, block: 0 }, // unspecified: what follows means nothing
  17: { address: 4, block: 12 },
  33: { address: 16, block: 36 },
  49: { address: 0, block: 216 }, // UNIX stream
}

function parseSource(familyOctet: number, body: Buffer): ProxyHeader['source'] {
  const family = families[familyOctet]
  if (family === undefined) throw new BadSyntax('unknown PROXY family', 13)
  if (body.length < family.block) throw new BadSyntax('PROXY addresses cut short', 14)
  if (familyOctet !== 0) checkExtras(body, family.block)
  if (family.address === 0) return undefined
  return {
    ip: addressOf(body.subarray(0, family.address)),
    port: body.readUInt16BE(family.address * 2),
  }
}

// §2.2.7: type, two octets of length, value
function checkExtras(body: Buffer, start: number): void {
  let at = start
  while (at < body.length) {
    if (at + 3 > body.length) throw new BadSyntax('PROXY extension cut short', 16 + at)
    at += 3 + body.readUInt16BE(at + 1)
  }
  if (at > body.length) throw new BadSyntax('PROXY extension cut short', 16 + body.length)
}

function addressOf(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.')
  return canonicalAddress(octets.toString('hex').replaceAll(/(.{4})(?=.)/g, '$1:'))
}
