/** What a client says first, as far as it tells which certificate it wants. */
export interface ClientHello {
  readonly serverName: string | undefined
  /** RFC 7301 §3.1 */
  readonly protocols: readonly string[]
}

/** More than that is no client's first word. */
export const mostHelloOctets = 18_000
/** Nor comes it in so many pieces; they are put together anew with each octet. */
const mostRecords = 64

/** RFC 8446 §4.1.2, §5.1. `more`: it goes on behind these octets. `none`: it is no greeting that anybody could read. */
export function readClientHello(octets: Buffer): ClientHello | 'more' | 'none' {
  const records = handshakeOf(octets)
  if (typeof records === 'string') return records
  if (records.length > 0 && records[0] !== 1) return 'none'
  if (records.length < 4) return octets.length > mostHelloOctets ? 'none' : 'more'
  const end = 4 + records.readUIntBE(1, 3)
  if (end > mostHelloOctets) return 'none'
  if (records.length < end) return 'more'
  try {
    return helloOf(records.subarray(4, end))
  } catch {
    return 'none' // a length that leads out of it
  }
}

/** The handshake's octets without the frames of their records. */
function handshakeOf(octets: Buffer): Buffer | 'none' {
  const pieces: Buffer[] = []
  for (let at = 0; at < octets.length; ) {
    if (octets[at] !== 22 || pieces.length === mostRecords) return 'none'
    if (octets.length < at + 5) break
    const end = at + 5 + octets.readUInt16BE(at + 3)
    pieces.push(octets.subarray(at + 5, end))
    at = end
  }
  return Buffer.concat(pieces)
}

function helloOf(body: Buffer): ClientHello {
  let at = 2 + 32 // version, random
  at += 1 + body.readUInt8(at) // session
  at += 2 + body.readUInt16BE(at) // cipher suites
  at += 1 + body.readUInt8(at) // compression
  let serverName: string | undefined
  let protocols: readonly string[] = []
  if (at + 2 > body.length) return { serverName, protocols }
  for (at += 2; at < body.length; ) {
    const type = body.readUInt16BE(at)
    const length = body.readUInt16BE(at + 2)
    const data = body.subarray(at + 4, at + 4 + length)
    if (type === 0)
      serverName = data
        .subarray(5, 5 + data.readUInt16BE(3))
        .toString('latin1')
        .toLowerCase()
    if (type === 16) protocols = protocolsOf(data)
    at += 4 + length
  }
  return { serverName, protocols }
}

function protocolsOf(data: Buffer): string[] {
  const names: string[] = []
  for (let at = 2; at < data.length; ) {
    const length = data.readUInt8(at)
    names.push(data.subarray(at + 1, at + 1 + length).toString('latin1'))
    at += 1 + length
  }
  return names
}
