import { asciiHeader } from '../../../lib/mime/ascii-header.ts'
import { readHeader } from '../../../lib/mime/header.ts'

const cr = 13
const lf = 10

/**
 * RFC 6856 §2.1: a client that did not say UTF8 gets a header of ASCII. Takes the first piece of a message, which holds its
 * header; a body beyond ASCII goes out as it is.
 */
export function withAsciiHeader(piece: Uint8Array): Uint8Array {
  if (!headerIsForeign(piece)) return piece
  const header = readHeader(piece)
  return Buffer.concat([Buffer.from(asciiHeader(header), 'latin1'), piece.subarray(header.end)])
}

/** The header ends where `readHeader` ends it: `\r\r\n` is no empty line. */
function headerIsForeign(bytes: Uint8Array): boolean {
  let line = 0
  for (let at = 0; at < bytes.length; at++) {
    const octet = bytes[at] ?? 0
    if (octet > 127) return true
    if (octet !== lf) continue
    if (at === line || (at === line + 1 && bytes[line] === cr)) return false
    line = at + 1
  }
  return false
}
