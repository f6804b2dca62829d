import { decodeCharset } from './charset.ts'
import type { Content } from './content.ts'
import { decodeTransfer } from './decode.ts'
import { htmlText } from './html-text.ts'

/** RFC 8970 §3.1. */
const previewCharacters = 256

/** Raw octets of a text part that are kept for the preview; HTML carries styles before its text. */
const plainOctets = 4096
const htmlOctets = 24_576

/** Text parts that are tried until one has something to read. */
const attempts = 4

/** Keeps the start of the first text that is not empty, while the message passes. */
export class PreviewCapture {
  text = ''
  #attempts = 0
  #room = 0
  #pieces: Buffer[] = []
  #content: Content | undefined

  /** A leaf begins. */
  open(content: Content): void {
    if (this.text !== '' || this.#attempts === attempts || !isReadable(content)) return
    this.#attempts++
    this.#content = content
    this.#room = content.subtype === 'html' ? htmlOctets : plainOctets
  }

  push(buffer: Buffer, from: number, to: number): void {
    if (this.#content === undefined || this.#room === 0) return
    const piece = Buffer.from(buffer.subarray(from, Math.min(to, from + this.#room)))
    this.#room -= piece.length
    this.#pieces.push(piece)
  }

  /** The leaf is over. */
  close(): void {
    if (this.#content === undefined) return
    this.text = previewOf(Buffer.concat(this.#pieces), this.#content)
    this.#content = undefined
    this.#pieces = []
  }
}

/** Whether a part can be what a person reads first. */
function isReadable({ type, subtype, disposition }: Content): boolean {
  const isText = type === 'text' && (subtype === 'plain' || subtype === 'html')
  return isText && disposition?.value.toLowerCase() !== 'attachment'
}

/** Octets in which the first 256 characters usually are. */
const usualOctets = 1024

/** The first characters of a text part, blanks collapsed. */
function previewOf(octets: Buffer, content: Content): string {
  const text = textOf(octets.subarray(0, usualOctets), content)
  if (octets.length <= usualOctets || text.length >= previewCharacters * 2) return cut(text)
  return cut(textOf(octets, content))
}

function textOf(octets: Buffer, { subtype, encoding, charset }: Content): string {
  const text = decodeCharset(decodeTransfer(octets, encoding), charset)
  const plain = subtype === 'html' ? htmlText(text, previewCharacters * 4) : text
  return plain.replace(unread, '').replace(blanks, ' ').trim()
}

/** What fills a line and is not read: control characters, soft hyphens, joiners and marks used as padding. */
const unread = /[^\P{C}\s\u{e000}-\u{f8ff}]|[\u034f\ufffc]/gu

/** Runs of white space, and white space that is no space: a lone space needs no change and is most of them. */
const blanks = /\s\s+|[^\S ]/g

/** Whole characters; one that the end of the octets cut is left out. */
function cut(text: string): string {
  if (text.length <= previewCharacters) return text.replace(/\ufffd$/, '')
  const start = text.slice(0, previewCharacters * 2)
  const hasPairs = /[\ud800-\udfff]/.test(start)
  const characters = hasPairs
    ? Array.from(start).slice(0, previewCharacters).join('')
    : start.slice(0, previewCharacters)
  return characters.trimEnd()
}
