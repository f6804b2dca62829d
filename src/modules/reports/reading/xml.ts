import { BadSyntax } from '../../../lib/bad-syntax.ts'

/** What stands next in a document: names without their prefix, attributes left out. */
export type XmlEvent =
  | { readonly kind: 'open'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'end' }

const deepest = 32
const mostAttributes = 20
/** Of one piece of text; the rest is left out. */
const longestText = 4096

/**
 * As much of XML as reports are written in. There are no document types, so no entities but the five and numbers: nothing
 * grows while it is read, and nothing is loaded.
 */
export class XmlReader {
  readonly #xml: string
  #at = 0
  readonly #open: string[] = []
  /** `<a/>`: its end comes next. */
  #closing: string | undefined
  #isOver = false

  constructor(xml: string) {
    this.#xml = xml
    this.#at = xml.startsWith('\ufeff') ? 1 : 0
  }

  /** Throws BadSyntax. */
  next(): XmlEvent {
    if (this.#closing !== undefined) return this.#closed()
    while (this.#at < this.#xml.length) {
      const event = this.#xml[this.#at] === '<' ? this.#mark() : this.#text()
      if (event) return event
    }
    if (this.#open.length > 0 || !this.#isOver) this.#fail('the document is cut off')
    return { kind: 'end' }
  }

  #text(): XmlEvent | undefined {
    const from = this.#at
    const end = this.#xml.indexOf('<', from)
    this.#at = end < 0 ? this.#xml.length : end
    const raw = this.#xml.slice(from, Math.min(this.#at, from + longestText))
    if (this.#open.length > 0) return { kind: 'text', text: this.#resolved(raw, from) }
    if (raw.trim() !== '') this.#fail('text outside the document')
    return undefined
  }

  #mark(): XmlEvent | undefined {
    if (this.#xml.startsWith('<?', this.#at)) return this.#skip('?>')
    if (this.#xml.startsWith('<!--', this.#at)) return this.#skip('-->')
    if (this.#xml.startsWith(cdata, this.#at)) return this.#cdata()
    if (this.#xml.startsWith('<!', this.#at)) this.#fail('document types are not read')
    return this.#xml[this.#at + 1] === '/' ? this.#endTag() : this.#startTag()
  }

  #skip(mark: string): undefined {
    this.#upTo(mark)
  }

  #cdata(): XmlEvent {
    const from = this.#at + cdata.length
    if (this.#open.length === 0) this.#fail('text outside the document')
    const end = this.#upTo(']]>') - 3
    return { kind: 'text', text: this.#xml.slice(from, Math.min(end, from + longestText)) }
  }

  /** Goes on behind the mark. */
  #upTo(mark: string): number {
    const found = this.#xml.indexOf(mark, this.#at)
    if (found < 0) this.#fail('the document is cut off')
    this.#at = found + mark.length
    return this.#at
  }

  #startTag(): XmlEvent {
    const name = this.#take(startTag)?.[1]
    if (name === undefined) return this.#fail('no name of an element')
    if (this.#isOver) this.#fail('a second document')
    // Reports have nothing there that we look at.
    for (let count = 0; this.#take(attribute); count++)
      if (count > mostAttributes) this.#fail('too many attributes')
    const end = this.#take(tagEnd)?.[1]
    if (end === undefined) return this.#fail('a tag that does not end')
    if (this.#open.length >= deepest) this.#fail('elements stand too deep in each other')
    this.#open.push(name)
    if (end === '/') this.#closing = name
    return { kind: 'open', name: localName(name) }
  }

  #endTag(): XmlEvent {
    const name = this.#take(endTag)?.[1]
    if (name === undefined || name !== this.#open.at(-1)) this.#fail('an end without its beginning')
    return this.#closed()
  }

  #closed(): XmlEvent {
    this.#closing = undefined
    const name = this.#open.pop() ?? ''
    this.#isOver = this.#open.length === 0
    return { kind: 'close', name: localName(name) }
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#xml)
    if (!found) return undefined
    this.#at = pattern.lastIndex
    return found
  }

  #resolved(raw: string, from: number): string {
    if (!raw.includes('&')) return raw
    return raw.replace(reference, (whole, decimal?: string, hex?: string, name?: string) => {
      const known = name === undefined ? characterOf(decimal, hex) : entities[name]
      // What was cut off in the middle is no mistake of the writer.
      if (known === undefined && raw.length < longestText) throw new BadSyntax(`${whole} is not known`, from)
      return known ?? ''
    })
  }

  #fail(why: string): never {
    throw new BadSyntax(why, this.#at)
  }
}

const cdata = '<![CDATA['
const startTag = /<([\p{L}_][\p{L}\d._:-]{0,99})/uy
const endTag = /<\/([\p{L}_][\p{L}\d._:-]{0,99})\s{0,99}>/uy
const attribute = /\s{1,99}[\p{L}_][\p{L}\d._:-]{0,99}\s{0,99}=\s{0,99}(?:"[^"<]{0,4000}"|'[^'<]{0,4000}')/uy
const tagEnd = /\s{0,99}(\/?)>/y
const reference = /&(?:#(\d{1,7});|#x([\da-fA-F]{1,6});|([a-z]{1,8});|)/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const localName = (name: string) => name.slice(name.lastIndexOf(':') + 1)

function characterOf(decimal: string | undefined, hex: string | undefined): string | undefined {
  const code = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal)
  if (!(code > 0) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return String.fromCodePoint(code)
}
