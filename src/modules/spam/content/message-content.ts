import { isAscii } from 'node:buffer'
import { decodeCharset } from '../../../lib/mime/charset.ts'
import { decodeTransfer } from '../../../lib/mime/decode.ts'
import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import { fieldValue, type Header, readHeader } from '../../../lib/mime/header.ts'
import type { MessageIndex, MessagePart } from '../../../lib/mime/message-index.ts'
import { asBuffer } from '../../../lib/mime/octets.ts'
import { type HtmlContent, readHtml } from './html.ts'
import { type Link, linksInText, readLink } from './links.ts'

/** What a filter looks at. Read once, bounded, nothing of it is kept. */
export interface MessageContent {
  readonly index: MessageIndex
  readonly header: Header
  /** Decoded texts of the leaves that a person reads, in document order. */
  readonly texts: readonly TextPart[]
  /** All texts one below the other, as far as rules look. */
  readonly text: string
  readonly links: readonly Link[]
  /** Leaves that are not text, and files that are. */
  readonly attachments: readonly MessagePart[]
  field(name: string): string | undefined
}

interface TextPart {
  readonly part: MessagePart
  readonly text: string
  /** Of the octets as they came. */
  readonly isAscii: boolean
  /** Where the part is HTML. */
  readonly html: HtmlContent | undefined
}

/** Octets of texts that are read, over all parts. */
const mostTextOctets = 128 * 1024
const mostParts = 200
const longestText = 50_000

export function readContent(bytes: Uint8Array, index: MessageIndex): MessageContent {
  const octets = asBuffer(bytes)
  const header = readHeader(octets.subarray(0, index.headerBytes))
  const texts: TextPart[] = []
  const links: Link[] = []
  const attachments: MessagePart[] = []
  let left = mostTextOctets
  for (const part of leaves(index.parts).slice(0, mostParts)) {
    if (!isRead(part)) {
      attachments.push(part)
      continue
    }
    const end = Math.min(part.bodyEnd, part.bodyStart + left)
    left -= end - part.bodyStart
    const body = octets.subarray(part.bodyStart, end)
    const raw = decodeCharset(decodeTransfer(body, part.encoding), part.charset)
    const html = part.type === 'text/html' ? readHtml(raw) : undefined
    const text = html ? html.text : raw
    texts.push({ part, text, isAscii: isAscii(body), html })
    for (const link of html?.links ?? []) {
      const read = readLink(link.href, link.label)
      if (read) links.push(read)
    }
    links.push(...linksInText(text))
  }
  return {
    index,
    header,
    texts,
    text: joined(texts),
    links,
    attachments,
    field: (name) => {
      const value = fieldValue(header, name)
      return value === undefined ? undefined : decodeWords(value)
    },
  }
}

function joined(texts: readonly TextPart[]): string {
  const [first] = texts
  const whole = texts.length === 1 && first ? first.text : texts.map(({ text }) => text).join('\n')
  return whole.slice(0, longestText)
}

function leaves(parts: readonly MessagePart[]): MessagePart[] {
  const holders = new Set(parts.map(({ parent }) => parent))
  return parts.filter((_, at) => !holders.has(at))
}

function isRead({ type, disposition }: MessagePart): boolean {
  return type.startsWith('text/') && disposition !== 'attachment'
}
