import { createTransferDecoder } from './decode.ts'
import type { MessagePart } from './message-index.ts'

/** Octets read and decoded in one go: a millisecond or less. */
const pieceOctets = 128 * 1024

/** What a part holds, its encoding taken off, in pieces. One of an unknown encoding is given as it is. */
export async function* partOctets(
  { bodyStart, bodyEnd, encoding }: MessagePart,
  read: (from: number, to: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const decoder = createTransferDecoder(encoding)
  for (let from = bodyStart; from < bodyEnd; from += pieceOctets) {
    const octets = await read(from, Math.min(from + pieceOctets, bodyEnd))
    yield decoder ? decoder.push(octets) : octets
  }
  if (decoder) yield decoder.end()
}
