import { decodeCharset } from '../../../lib/mime/charset.ts'
import { createTransferDecoder } from '../../../lib/mime/decode.ts'
import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import { fieldText, type Header, readHeader } from '../../../lib/mime/header.ts'
import type { MessagePart } from '../../../lib/mime/message-index.ts'
import { pieceOctets, type ReadOctets } from '../fetch/octets.ts'
import type { SearchKey } from '../wire/search-key.ts'
import { fold, holds, type Needle, needleOf, withoutAccents } from './fold.ts'

/** Most octets of a header that are searched. */
const mostHeaderOctets = 1024 * 1024

interface Wanted {
  readonly key: SearchKey
  readonly needle: Needle
}

type TextKey = Extract<SearchKey, { kind: 'header' | 'body' | 'text' }>

/** Text keys made ready to be looked for in the octets of many messages. */
export class OctetSearch {
  readonly #headerKeys: readonly (Wanted & { field: string })[]
  readonly #textKeys: readonly Wanted[]
  readonly #bodyKeys: readonly Wanted[]
  readonly #longest: number

  constructor(keys: readonly SearchKey[]) {
    const texts = keys.filter((key): key is TextKey => 'text' in key)
    this.#headerKeys = texts.flatMap((key) =>
      key.kind === 'header' ? [{ key, needle: needleOf(key.text), field: key.field }] : [],
    )
    this.#textKeys = texts.filter(({ kind }) => kind === 'text').map(wanted)
    this.#bodyKeys = texts.filter(({ kind }) => kind !== 'header').map(wanted)
    this.#longest = Math.max(0, ...texts.map(({ text }) => text.length))
  }

  get needsBody(): boolean {
    return this.#bodyKeys.length > 0
  }

  /** Which of the keys this message satisfies. */
  async look(parts: readonly MessagePart[], read: ReadOctets): Promise<ReadonlySet<SearchKey>> {
    const found = new Set<SearchKey>()
    const [message] = parts
    if (!message) return found
    if (this.#headerKeys.length > 0 || this.#textKeys.length > 0) {
      const header = await headerOf(message, read)
      if (header) this.#lookInHeader(header, found)
    }
    for (const [index, part] of parts.entries()) {
      if (this.#bodyKeys.every(({ key }) => found.has(key))) break
      // The headers of what is inside are body to the message around them.
      if (index > 0) {
        const header = await headerOf(part, read)
        if (header) mark(this.#bodyKeys, textOf(header), found)
      }
      if (isLeafOfText(part)) await this.#lookInLeaf(part, read, found)
    }
    return found
  }

  #lookInHeader(header: Header, found: Set<SearchKey>): void {
    for (const { key, needle, field } of this.#headerKeys) {
      const values = header.fields.filter(({ name }) => name === field)
      // RFC 9051 §6.4.4: an empty string finds every message that has the field.
      if (values.some((value) => holds(fold(decodeWords(fieldText(header, value))), needle))) found.add(key)
    }
    if (this.#textKeys.length > 0) mark(this.#textKeys, textOf(header), found)
  }

  /** Piece by piece, each with the end of the one before, so that a match across the cut is seen. */
  async #lookInLeaf(part: MessagePart, read: ReadOctets, found: Set<SearchKey>): Promise<void> {
    const decoder = createTransferDecoder(part.encoding)
    const overlap = this.#longest * 8 + 64
    let before: Uint8Array = new Uint8Array()
    for (let from = part.bodyStart; from < part.bodyEnd; from += pieceOctets) {
      const to = Math.min(from + pieceOctets, part.bodyEnd)
      const piece = await read(from, to)
      if (!piece) return
      const decoded = decoder
        ? [decoder.push(piece), ...(to === part.bodyEnd ? [decoder.end()] : [])]
        : [piece]
      const bytes =
        decoded.length === 1 && before.length === 0 && decoded[0]
          ? decoded[0]
          : Buffer.concat([before, ...decoded])
      mark(this.#bodyKeys, fold(decodeCharset(bytes, part.charset)), found)
      if (this.#bodyKeys.every(({ key }) => found.has(key))) return
      before = bytes.subarray(Math.max(0, bytes.length - overlap))
    }
  }
}

function wanted(key: TextKey): Wanted {
  return { key, needle: needleOf(key.text) }
}

function mark(needles: readonly Wanted[], folded: string, found: Set<SearchKey>): void {
  const plain = withoutAccents(folded)
  for (const { key, needle } of needles) {
    if (!found.has(key) && (needle.ignoresAccents ? plain : folded).includes(needle.text)) found.add(key)
  }
}

function isLeafOfText({ type, section }: MessagePart): boolean {
  return (
    type.startsWith('text/') || (type.startsWith('message/') && type !== 'message/rfc822' && section !== '')
  )
}

async function headerOf(
  { headerStart, bodyStart }: MessagePart,
  read: ReadOctets,
): Promise<Header | undefined> {
  if (bodyStart <= headerStart) return undefined
  const bytes = await read(headerStart, Math.min(bodyStart, headerStart + mostHeaderOctets))
  return bytes && readHeader(bytes)
}

/** All fields, names included, as a person reads them. */
function textOf(header: Header): string {
  return fold(
    header.fields.map((field) => `${field.name}: ${decodeWords(fieldText(header, field))}`).join('\n'),
  )
}
