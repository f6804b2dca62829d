import { createTransferDecoder } from '../../../lib/mime/decode.ts'
import type { MessageIndex, MessagePart } from '../../../lib/mime/message-index.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'

/** Octets of a part, still encoded. */
const mostOctets = 8 * 1024 * 1024
const mostParts = 3

const types = new Set([
  'application/gzip',
  'application/x-gzip',
  'application/zip',
  'application/x-zip-compressed',
  'application/xml',
  'text/xml',
  'application/tlsrpt+gzip',
  'application/tlsrpt+json',
])

/** Parts that may be a report: RFC 9990 §3.5.2, RFC 8460 §5.3, and what others send. */
export const reportParts = ({ parts }: MessageIndex): readonly MessagePart[] =>
  parts.filter(mayBeReport).slice(0, mostParts)

function mayBeReport({ type, name = '', bodyStart, bodyEnd, encoding }: MessagePart): boolean {
  if (bodyEnd - bodyStart > mostOctets || createTransferDecoder(encoding) === undefined) return false
  return types.has(type) || /\.(?:xml|json|gz|zip)$/i.test(name)
}

/** Read and decoded in pieces of this size, others having their turn in between. */
const pieceOctets = 128 * 1024

export async function partOctets(
  bytes: Pick<MessageBytes, 'read'>,
  message: MessageRef,
  { bodyStart, bodyEnd, encoding }: MessagePart,
): Promise<Uint8Array> {
  const decoder = createTransferDecoder(encoding)
  if (!decoder) return new Uint8Array()
  const pieces: Uint8Array[] = []
  for (let from = bodyStart; from < bodyEnd; from += pieceOctets) {
    const piece = await bytes.read(message, { from, to: Math.min(from + pieceOctets, bodyEnd) })
    pieces.push(decoder.push(piece))
    await nextTurn()
  }
  return Buffer.concat([...pieces, decoder.end()])
}
