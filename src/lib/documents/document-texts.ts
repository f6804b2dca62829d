import { decodeCharset } from '../mime/charset.ts'
import { htmlText } from '../mime/html-text.ts'
import type { MessagePart } from '../mime/message-index.ts'
import { asBuffer } from '../mime/octets.ts'
import { partOctets } from '../mime/part-octets.ts'
import { fold } from '../search/fold.ts'
import type { ReadOctets } from '../search/message-texts.ts'
import { isDocument } from './document-kind.ts'
import { officeTexts } from './office.ts'
import { pdfTexts } from './pdf-text.ts'
import { rtfText } from './rtf.ts'

/** A larger one is not looked into. */
const mostOctets = 32 * 1024 * 1024
const mostDocuments = 100
/** Of all documents of a message; what comes behind is not searched. */
const mostLetters = 8 * 1024 * 1024

/** The texts inside the documents of a message, folded. Takes its time, and some memory: for a thread of its own. */
export async function documentTexts(parts: readonly MessagePart[], read: ReadOctets): Promise<string[]> {
  const found: string[] = []
  let left = mostLetters
  for (const part of parts.filter(isDocument).slice(0, mostDocuments)) {
    const octets = await decoded(part, read)
    for (const text of octets ? await textsOf(octets, part) : []) {
      const folded = fold(text).slice(0, left)
      left -= folded.length
      if (folded.trim() !== '') found.push(folded)
    }
    if (left <= 0) break
  }
  return found
}

async function decoded(part: MessagePart, read: ReadOctets): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = []
  let length = 0
  let isGone = false
  const octets = async (from: number, to: number) => {
    const piece = await read(from, to)
    isGone = piece === undefined
    return piece ?? new Uint8Array(0)
  }
  for await (const piece of partOctets(part, octets)) {
    length += piece.length
    if (isGone || length > mostOctets) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** By what the octets look like, whatever the part says they are. */
async function textsOf(octets: Buffer, { charset, name = '' }: MessagePart): Promise<string[]> {
  const start = octets.toString('latin1', 0, 1024)
  if (start.includes('%PDF-')) return await pdfTexts(octets)
  if (start.startsWith('PK')) return await officeTexts(octets)
  if (start.startsWith('{\\rtf')) return [rtfText(octets.toString('latin1'))]
  // What is neither and has octets that no text has.
  if (start.includes('\0')) return []
  const text = decodeCharset(asBuffer(octets), charset)
  return [/\.html?$/i.test(name) ? htmlText(text, Number.POSITIVE_INFINITY) : text]
}
