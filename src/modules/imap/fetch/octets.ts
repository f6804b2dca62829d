import { createTransferDecoder } from '../../../lib/mime/decode.ts'
import type { MessagePart } from '../../../lib/mime/message-index.ts'
import { asBuffer } from '../../../lib/mime/octets.ts'
import { findPart, sectionRange } from '../../../lib/mime/sections.ts'
import type { Partial } from '../wire/fetch-items.ts'
import { headerReader } from './header-reader.ts'
import { cut } from './partial.ts'
import { isOfHeader, type OctetItem, type SectionItem } from './plan.ts'

/** Octets of one stored message: pieces of at most `pieceOctets`. Undefined where the message is gone. */
export type ReadOctets = (from: number, to: number) => Promise<Uint8Array | undefined>

export const pieceOctets = 1024 * 1024

/** One message, and how to get at what is inside. */
export interface Message {
  readonly size: number
  /** One character per octet; undefined where it is very long. */
  readonly header: string | undefined
  readonly parts: () => Promise<readonly MessagePart[]>
  readonly read: ReadOctets
}

/** What an item comes to. */
export type Found =
  /** Octets `[from, to)` of the message as it is stored. */
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** One character per octet. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  /** NIL: there is no such part. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'gone' }
  /** RFC 3516 §4.3. */
  | { readonly kind: 'unknown-encoding' }

const nothing = { kind: 'nothing' } as const
const gone = { kind: 'gone' } as const

/** Finds what a section or a binary item names, by arithmetic on the offsets that were computed at append. */
export async function findOctets(item: OctetItem, message: Message): Promise<Found> {
  if (item.kind === 'section') return await findSection(item, message)
  if (item.part === '') return wholeBinary(item, message.size)
  const part = findPart(await message.parts(), item.part)
  if (!part) return nothing
  const size = part.bodyEnd - part.bodyStart
  if (['7bit', '8bit', 'binary'].includes(part.encoding)) {
    if (item.kind === 'binary-size') return { kind: 'number', value: size }
    return { kind: 'range', ...cut(part.bodyStart, part.bodyEnd, item.partial) }
  }
  const decoded = await decodePart(part, message.read)
  if (!(decoded instanceof Uint8Array)) return decoded
  if (item.kind === 'binary-size') return { kind: 'number', value: decoded.length }
  return { kind: 'bytes', bytes: slice(decoded, item.partial) }
}

async function findSection(item: SectionItem, message: Message): Promise<Found> {
  if (item.part === '' && item.text === 'body')
    return { kind: 'range', ...cut(0, message.size, item.partial) }
  if (message.header !== undefined && isOfHeader(item)) {
    return { kind: 'text', text: headerReader(item)(message.header) }
  }
  const range = sectionRange(await message.parts(), item.part, item.text)
  if (!range) return nothing
  if (!item.fields) return { kind: 'range', ...cut(range.start, range.end, item.partial) }
  const header = await readAll(range.start, range.end, message.read)
  return header ? { kind: 'text', text: headerReader(item)(asBuffer(header).toString('latin1')) } : gone
}

/** BINARY[] is the message, which has no encoding. */
function wholeBinary(item: Exclude<OctetItem, { kind: 'section' }>, size: number): Found {
  return item.kind === 'binary-size'
    ? { kind: 'number', value: size }
    : { kind: 'range', ...cut(0, size, item.partial) }
}

async function decodePart(
  { encoding, bodyStart, bodyEnd }: MessagePart,
  read: ReadOctets,
): Promise<Uint8Array | Found> {
  const decoder = createTransferDecoder(encoding)
  if (!decoder) return { kind: 'unknown-encoding' }
  const pieces: Uint8Array[] = []
  for (let from = bodyStart; from < bodyEnd; from += pieceOctets) {
    const piece = await read(from, Math.min(from + pieceOctets, bodyEnd))
    if (!piece) return gone
    pieces.push(decoder.push(piece))
  }
  pieces.push(decoder.end())
  return Buffer.concat(pieces)
}

async function readAll(from: number, to: number, read: ReadOctets): Promise<Uint8Array | undefined> {
  if (to - from <= pieceOctets) return await read(from, to)
  const pieces: Uint8Array[] = []
  for (let at = from; at < to; at += pieceOctets) {
    const piece = await read(at, Math.min(at + pieceOctets, to))
    if (!piece) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function slice(bytes: Uint8Array, partial: Partial | undefined): Uint8Array {
  if (!partial) return bytes
  const { from, to } = cut(0, bytes.length, partial)
  return bytes.subarray(from, to)
}
