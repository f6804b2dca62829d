import { decodeTransfer } from '../../../lib/mime/decode.ts'
import type { MessagePart } from '../../../lib/mime/message-index.ts'
import { asBuffer } from '../../../lib/mime/octets.ts'
import type { AttachedFile } from './inspect.ts'

/** Of what is not at hand as a whole: archives have their directory at one end. */
export const headOctets = 48 * 1024
export const tailOctets = 512 * 1024
export const mostFiles = 20

/** A file of the message that is at hand, its encoding taken off. */
export function attachedFile(
  { name, type, encoding, bodyStart, bodyEnd }: MessagePart,
  octets: Uint8Array,
): AttachedFile {
  const file = decodeTransfer(asBuffer(octets).subarray(bodyStart, bodyEnd), encoding)
  return { name: name ?? '', type, head: file, tail: file }
}

/** Both ends of a larger one. */
export function fileFromEnds(
  { name, type, encoding }: Pick<MessagePart, 'name' | 'type' | 'encoding'>,
  head: Uint8Array,
  tail: Uint8Array,
): AttachedFile {
  const end = asBuffer(tail)
  // Lines of base64 stand for whole octets.
  const line = encoding === 'base64' ? end.indexOf(10) + 1 : 0
  return {
    name: name ?? '',
    type,
    head: decodeTransfer(head, encoding),
    tail: decodeTransfer(end.subarray(line), encoding),
  }
}
