import { createCharsetDecoder, decodeCharset } from '../mime/charset.ts'
import { createTransferDecoder } from '../mime/decode.ts'
import { decodeWords } from '../mime/encoded-word.ts'
import { fieldText, type Header, readHeader } from '../mime/header.ts'
import { htmlText } from '../mime/html-text.ts'
import type { MessagePart } from '../mime/message-index.ts'
import { fold } from './fold.ts'

/** Octets of one stored message. Undefined where the message is gone. */
export type ReadOctets = (from: number, to: number) => Promise<Uint8Array | undefined>

/** A piece of what SEARCH looks through, folded. A long text comes in several that overlap. */
export interface TextPiece {
  /** The header of the message belongs to TEXT alone; all else is its body, too. RFC 9051 §6.4.4 */
  readonly where: 'header' | 'body'
  readonly text: string
}

/** Octets read and decoded in one go: a millisecond or two. */
const pieceOctets = 128 * 1024
/** HTML is read as a whole up to here; a tag that is cut would become text. */
const htmlCharacters = 1024 * 1024
/** Most octets of a header that are searched. */
const mostHeaderOctets = 1024 * 1024

/** What of a long text stands in two pieces, so that a match across the cut is seen. */
export const leastOverlap = 1024

/** Between fields, which are searched one by one: no text holds it. */
const fieldEnd = '\0'

/**
 * The texts of a message but for those inside documents, in order: what is searched where there is no index, and what an index is made
 * of. Only as much is read as the caller takes.
 */
export async function* messageTexts(
  parts: readonly MessagePart[],
  read: ReadOctets,
  overlap = leastOverlap,
): AsyncGenerator<TextPiece> {
  for (const [index, part] of parts.entries()) {
    // The headers of what is inside are body to the message around them.
    const where = index === 0 ? 'header' : 'body'
    const header = await headerOf(part, read)
    if (header) yield { where, text: headerText(header) }
    // As a person reads it: in the header it may be encoded.
    if (part.name !== undefined) yield { where: 'body', text: fold(part.name) }
    if (isLeafOfText(part)) yield* leafTexts(part, read, overlap)
  }
}

/** Of the message, or of one inside it. */
export async function headerOf(
  { headerStart, bodyStart }: MessagePart,
  read: ReadOctets,
): Promise<Header | undefined> {
  if (bodyStart <= headerStart) return undefined
  const bytes = await read(headerStart, Math.min(bodyStart, headerStart + mostHeaderOctets))
  return bytes && readHeader(bytes)
}

/** All fields, names included, as a person reads them. */
function headerText(header: Header): string {
  return fold(
    header.fields.map((field) => `${field.name}: ${decodeWords(fieldText(header, field))}`).join(fieldEnd),
  )
}

function isLeafOfText({ type, section }: MessagePart): boolean {
  return (
    type.startsWith('text/') || (type.startsWith('message/') && type !== 'message/rfc822' && section !== '')
  )
}

async function* leafTexts(part: MessagePart, read: ReadOctets, overlap: number): AsyncGenerator<TextPiece> {
  const isHtml = part.type === 'text/html'
  const atOnce = isHtml ? htmlCharacters : 1
  let text = ''
  for await (const decoded of decodedPieces(part, read)) {
    text += decoded
    if (text.length < atOnce) continue
    yield leafPiece(text, isHtml)
    text = text.slice(-overlap)
  }
  if (text !== '') yield leafPiece(text, isHtml)
}

function leafPiece(text: string, isHtml: boolean): TextPiece {
  return { where: 'body', text: fold(isHtml ? htmlText(text, Number.POSITIVE_INFINITY) : text) }
}

async function* decodedPieces(part: MessagePart, read: ReadOctets): AsyncGenerator<string> {
  const { bodyStart, bodyEnd, encoding, charset } = part
  const decoder = createTransferDecoder(encoding)
  if (bodyEnd - bodyStart <= pieceOctets) {
    const octets = await read(bodyStart, bodyEnd)
    if (octets) yield decodeCharset(decoder ? joined(decoder.push(octets), decoder.end()) : octets, charset)
    return
  }
  const letters = createCharsetDecoder(charset)
  for (let from = bodyStart; from < bodyEnd; from += pieceOctets) {
    const octets = await read(from, Math.min(from + pieceOctets, bodyEnd))
    if (!octets) return
    yield letters.push(decoder ? decoder.push(octets) : octets)
  }
  yield `${decoder ? letters.push(decoder.end()) : ''}${letters.end()}`
}

function joined(most: Uint8Array, last: Uint8Array): Uint8Array {
  return last.length === 0 ? most : Buffer.concat([most, last])
}
