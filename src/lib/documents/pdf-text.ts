import { asBuffer } from '../mime/octets.ts'
import { PageText } from './pdf/content.ts'
import { PdfDocument } from './pdf/document.ts'
import { type Font, readFont, textString, unknownFont } from './pdf/font.ts'
import { isRef, isString, nameOf, type PdfDict, PdfReader, type PdfValue } from './pdf/objects.ts'

const mostPages = 5000
const mostTokens = 3_000_000
/** Forms within forms. */
const deepestForm = 12
const mostForms = 5000
const mostLetters = 8 * 1024 * 1024

/** The text of a PDF, page by page, with its title and what was filled in; none of one that is locked by a password. */
export async function pdfTexts(bytes: Uint8Array): Promise<string[]> {
  const document = await PdfDocument.read(asBuffer(bytes))
  return document.isOpen ? await new PdfText(document).read() : []
}

class PdfText {
  readonly #document: PdfDocument
  readonly #fonts = new Map<PdfValue, Font>()
  readonly #fontsByNumber = new Map<number, Font>()
  #tokens = 0
  #forms = 0
  #letters = 0

  constructor(document: PdfDocument) {
    this.#document = document
  }

  async read(): Promise<string[]> {
    const texts = this.#titles()
    for (const page of this.#pages()) {
      const text = withLeftward(await this.#pageText(page))
      this.#letters += text.length
      texts.push(text)
      if (this.#letters > mostLetters || this.#tokens > mostTokens) break
    }
    return texts
  }

  #titles(): string[] {
    if (this.#document.isEncrypted) return []
    const info = this.#document.dict(this.#document.trailer('Info'))
    return ['Title', 'Subject', 'Author', 'Keywords'].flatMap((key) => {
      const value = this.#document.resolve(info.get(key))
      return isString(value) ? [textString(value.octets)] : []
    })
  }

  /** In the order of the tree; where there is none, as they stand in the file. */
  #pages(): PdfDict[] {
    const found: PdfDict[] = []
    const root = this.#document.dict(this.#document.trailer('Root'))
    this.#addPages(root.get('Pages'), new Map(), new Set(), found)
    if (found.length > 0) return found
    for (const number of this.#document.numbers()) {
      const dict = this.#document.dict({ kind: 'ref', number })
      if (nameOf(dict.get('Type')) === 'Page' && found.length < mostPages) found.push(dict)
    }
    return found
  }

  #addPages(node: PdfValue, above: PdfDict, seen: Set<number>, found: PdfDict[]): void {
    if (!isRef(node) || seen.has(node.number) || found.length >= mostPages || seen.size > mostPages * 4)
      return
    seen.add(node.number)
    const dict = this.#document.dict(node)
    const resources = dict.get('Resources') ?? above.get('Resources')
    const whole = resources === undefined ? dict : new Map([...dict, ['Resources', resources]])
    const kids = this.#document.list(dict.get('Kids'))
    if (kids.length === 0 && nameOf(dict.get('Type')) !== 'Pages') found.push(whole)
    for (const kid of kids) this.#addPages(kid, whole, seen, found)
  }

  async #pageText(page: PdfDict): Promise<string> {
    const written = new PageText(mostLetters - this.#letters)
    const contents = page.get('Contents')
    const streams = this.#document.list(contents)
    const pieces: Buffer[] = []
    for (const ref of streams.length > 0 ? streams : [contents]) {
      const octets = await this.#document.stream(ref)
      if (octets) pieces.push(octets, Buffer.from('\n'))
    }
    await this.#interpret(Buffer.concat(pieces), this.#document.dict(page.get('Resources')), written, 0)
    return written.written + this.#filledIn(page)
  }

  /** Values of form fields on the page, and notes. */
  #filledIn(page: PdfDict): string {
    if (this.#document.isEncrypted) return ''
    const annotations = this.#document.list(page.get('Annots')).slice(0, 1000)
    return annotations
      .flatMap((annotation) => {
        const dict = this.#document.dict(annotation)
        return ['V', 'Contents'].map((key) => this.#document.resolve(dict.get(key)))
      })
      .map((value) => (isString(value) ? `\n${textString(value.octets)}` : ''))
      .join('')
  }

  async #interpret(octets: Buffer, resources: PdfDict, page: PageText, depth: number): Promise<void> {
    const reader = new PdfReader(octets.toString('latin1'), 0, 'no refs')
    let operands: PdfValue[] = []
    while (!reader.isAtEnd && this.#tokens++ < mostTokens) {
      const value = reader.value()
      const operator = operatorOf(value)
      if (operator === undefined) {
        if (operands.length < 64) operands.push(value)
        continue
      }
      if (operator === 'Tf') page.setFont(await this.#font(resources, operands[0]), operands[1])
      else if (operator === 'Do') await this.#form(resources, operands[0], page, depth)
      else if (operator === 'BI') skipImage(reader, octets)
      else page.perform(operator, operands)
      operands = []
    }
  }

  async #font(resources: PdfDict, name: PdfValue): Promise<Font> {
    const ref = this.#document.dict(resources.get('Font')).get(nameOf(name) ?? '')
    if (ref === undefined) return unknownFont
    const known = isRef(ref) ? this.#fontsByNumber.get(ref.number) : this.#fonts.get(ref)
    if (known) return known
    const font = await readFont(this.#document, this.#document.dict(ref))
    if (isRef(ref)) this.#fontsByNumber.set(ref.number, font)
    else this.#fonts.set(ref, font)
    return font
  }

  async #form(resources: PdfDict, name: PdfValue, page: PageText, depth: number): Promise<void> {
    const ref = this.#document.dict(resources.get('XObject')).get(nameOf(name) ?? '')
    if (!isRef(ref) || depth >= deepestForm || this.#forms++ >= mostForms) return
    const dict = this.#document.dict(ref)
    if (nameOf(this.#document.resolve(dict.get('Subtype'))) !== 'Form') return
    const octets = await this.#document.stream(ref)
    if (!octets) return
    const before = page.enter(this.#document.list(dict.get('Matrix')))
    const own = dict.get('Resources')
    await this.#interpret(octets, own === undefined ? resources : this.#document.dict(own), page, depth + 1)
    page.leave(before)
  }
}

const leftward = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc][\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc ]*/g

/** Hebrew and Arabic stand in most files as they are seen, the last letter first: the other order is added. */
function withLeftward(text: string): string {
  const runs = text.match(leftward) ?? []
  return runs.length === 0
    ? text
    : `${text}\n${runs.map((run) => Array.from(run).reverse().join('')).join('\n')}`
}

function operatorOf(value: PdfValue): string | undefined {
  return typeof value === 'object' && 'kind' in value && value.kind === 'operator'
    ? value.operator
    : undefined
}

/** ISO 32000-1 §8.9.7: an image among the operators, up to its EI. */
function skipImage(reader: PdfReader, octets: Buffer): void {
  const end = octets.indexOf('EI', reader.at)
  reader.at = end < 0 ? octets.length : end + 2
}
