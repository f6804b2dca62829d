/** Elements of office documents that end a word: paragraphs, lines, tabs, cells. Others stand within words. */
const parting =
  /^(?:\w+:)?(?:p|h|br|cr|tab|tc|tr|si|row|c|v|f|is|s|line-break|list-item|table-cell|table-row|title|subject|creator|keyword|keywords|description|sheet)$/

const entity = /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const sheetName = /\bname="([^"]*)"/
const cdata = '<![CDATA['

/** The text of XML, by its look alone, from one end to the other: nothing is loaded, and no entity is defined by it. */
export function xmlText(xml: string): string {
  return new XmlReader(xml).text()
}

class XmlReader {
  readonly #xml: string
  #at = 0
  #out: string[] = []
  /** In a cell of a table whose value only says where among the shared texts its text stands. */
  #isShared = false
  #isNumber = false

  constructor(xml: string) {
    this.#xml = xml
  }

  text(): string {
    while (this.#at < this.#xml.length) {
      const open = this.#xml.indexOf('<', this.#at)
      const end = open < 0 ? this.#xml.length : open
      if (end > this.#at && !(this.#isShared && this.#isNumber)) this.#write(this.#xml.slice(this.#at, end))
      this.#at = end
      if (open >= 0) this.#mark()
    }
    return this.#out.join('')
  }

  #write(text: string): void {
    this.#out.push(text.includes('&') ? text.replace(entity, entityText) : text)
  }

  #mark(): void {
    if (this.#xml.startsWith('<!--', this.#at)) this.#upTo('-->', 4)
    else if (this.#xml.startsWith(cdata, this.#at)) this.#out.push(this.#upTo(']]>', cdata.length))
    else this.#tag(this.#upTo('>', 1))
  }

  /** What stands between `skip` letters from here and the mark; goes on behind it. */
  #upTo(mark: string, skip: number): string {
    const from = this.#at + skip
    const end = this.#xml.indexOf(mark, from)
    this.#at = end < 0 ? this.#xml.length : end + mark.length
    return this.#xml.slice(from, end < 0 ? undefined : end)
  }

  #tag(tag: string): void {
    const name = /^\/?([^\s/]{0,64})/.exec(tag)?.[1] ?? ''
    if (parting.test(name)) this.#out.push(' ')
    if (name === 'c') this.#isShared = tag.includes(' t="s"')
    this.#isNumber = tag === 'v'
    if (name === 'sheet') this.#write(sheetName.exec(tag)?.[1] ?? '')
  }
}

function entityText(_: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return entities[name] ?? ''
  const code = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal)
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' '
}
