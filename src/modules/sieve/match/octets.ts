import { isUtf8 } from 'node:buffer'

// Octets that are no UTF-8 are carried through strings as lone surrogates U+DC80 … U+DCFF, so that a script can build them
// with ${hex:} and they compare, and are seen to be no text where a name is wanted.

const strayStart = 0xdc00

/** Text of octets; stray octets are kept. */
export function fromOctets(octets: Uint8Array): string {
  if (isUtf8(octets)) return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('utf8')
  let text = ''
  let at = 0
  while (at < octets.length) {
    const length = sequenceLength(octets, at)
    if (length === 0) text += String.fromCharCode(strayStart + (octets[at] ?? 0))
    else text += Buffer.from(octets.subarray(at, at + length)).toString('utf8')
    at += Math.max(1, length)
  }
  return text
}

/** The other way round. */
export function toOctets(text: string): Buffer {
  if (!hasStray(text)) return Buffer.from(text, 'utf8')
  const pieces: Buffer[] = []
  for (const piece of text.split(/([\udc80-\udcff])/u)) {
    pieces.push(hasStray(piece) ? Buffer.of(piece.charCodeAt(0) - strayStart) : Buffer.from(piece, 'utf8'))
  }
  return Buffer.concat(pieces)
}

/** The text stands for octets that are no UTF-8. */
export function hasStray(text: string): boolean {
  return /[\udc80-\udcff]/u.test(text)
}

/** Octets that a text takes in UTF-8, quickly. */
export function octetLength(text: string): number {
  return Buffer.byteLength(text)
}

/** Of one valid UTF-8 character at this place; 0 where there is none. */
function sequenceLength(octets: Uint8Array, at: number): number {
  for (let length = 1; length <= 4; length++) {
    if (at + length <= octets.length && isUtf8(octets.subarray(at, at + length))) return length
  }
  return 0
}
