import { decodeCharset } from '../../../lib/mime/charset.ts'
import { decodeTransfer } from '../../../lib/mime/decode.ts'
import { htmlText } from '../../../lib/mime/html-text.ts'
import type { MessageIndex, MessagePart } from '../../../lib/mime/message-index.ts'
import { asBuffer } from '../../../lib/mime/octets.ts'
import { fromOctets } from '../match/octets.ts'
import { HeaderBlock } from './header-block.ts'

/** A message and its parts, read where they lie and only when they are asked for. */
export class MessageView {
  readonly bytes: Buffer
  readonly size: number
  readonly root: PartView
  /** In document order, the message itself first. */
  readonly parts: readonly PartView[]
  #rawText: string | undefined

  constructor(bytes: Uint8Array, index: MessageIndex) {
    this.bytes = asBuffer(bytes)
    this.size = index.size
    this.parts = index.parts.map((part, number) => new PartView(this.bytes, part, number))
    for (const part of this.parts) {
      const parent = this.parts[part.place.parent]
      if (parent !== undefined) parent.adopt(part)
    }
    const [root] = this.parts
    if (root === undefined) throw new Error('a message has at least one part')
    this.root = root
  }

  /** The whole body as it stands. */
  get rawText(): string {
    this.#rawText ??= fromOctets(this.bytes.subarray(this.root.place.bodyStart))
    return this.#rawText
  }
}

const htmlTypes: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml'])

/** One MIME entity. */
export class PartView {
  readonly place: MessagePart
  readonly number: number
  readonly children: PartView[] = []
  parent: PartView | undefined
  readonly #bytes: Buffer
  #header: HeaderBlock | undefined
  #text: string | undefined
  #plainText: string | undefined

  constructor(bytes: Buffer, place: MessagePart, number: number) {
    this.#bytes = bytes
    this.place = place
    this.number = number
  }

  adopt(child: PartView): void {
    this.children.push(child)
    child.parent = this
  }

  get header(): HeaderBlock {
    const { headerStart, bodyStart } = this.place
    this.#header ??= HeaderBlock.read(this.#bytes.toString('latin1', headerStart, bodyStart))
    return this.#header
  }

  /** As it stands in the message, still encoded. */
  get rawBody(): Buffer {
    return this.#bytes.subarray(this.place.bodyStart, this.place.bodyEnd)
  }

  /** The body as text: decoded for a leaf, as it stands for what has parts of its own. */
  get text(): string {
    if (this.#text === undefined) {
      const { type, encoding, charset } = this.place
      const octets = this.children.length > 0 ? this.rawBody : decodeTransfer(this.rawBody, encoding)
      this.#text = type.startsWith('text/') ? decodeCharset(octets, charset) : decodeCharset(octets, 'utf-8')
    }
    return this.#text
  }

  /** RFC 5703 §7: as a person would read it. */
  get plainText(): string {
    this.#plainText ??= this.#readPlainText()
    return this.#plainText
  }

  #readPlainText(): string {
    return htmlTypes.has(this.place.type) ? htmlText(this.text, this.text.length + 1).trim() : this.text
  }

  /** This part and all inside it, in document order. */
  *family(): Generator<PartView> {
    yield this
    for (const child of this.children) yield* child.family()
  }
}
