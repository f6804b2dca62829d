import { type Font, textString, unknownFont } from './font.ts'
import { identity, type Matrix, matrixOf, moved, times } from './matrix.ts'
import { isArray, isDict, isString, type PdfString, type PdfValue } from './objects.ts'

/** A gap this wide (of the size of the letters) is a blank; so far up or down is another line. */
const blankGap = 0.15
const lineGap = 0.5
const mostSaved = 200

/** What `q` keeps and `Q` brings back. ISO 32000-1 §8.4.1 */
interface Graphics {
  matrix: Matrix
  font: Font
  size: number
  charSpacing: number
  wordSpacing: number
  scale: number
  leading: number
}

/** What is written on a page, in the order it is written. ISO 32000-1 §9.4 */
export class PageText {
  #now: Graphics = {
    matrix: identity,
    font: unknownFont,
    size: 1,
    charSpacing: 0,
    wordSpacing: 0,
    scale: 1,
    leading: 0,
  }
  #line: Matrix = identity
  #text: Matrix = identity
  readonly #saved: Graphics[] = []
  /** Where the text before ended, on the page. */
  #end: { x: number; y: number } | undefined
  readonly #out: string[] = []
  /** Marked content that is open; the text that stands for it, '' once it is written. */
  readonly #marked: (string | undefined)[] = []
  #lettersLeft: number

  constructor(mostLetters: number) {
    this.#lettersLeft = mostLetters
  }

  get written(): string {
    return this.#out.join('')
  }

  setFont(font: Font, size: PdfValue): void {
    this.#now.font = font
    this.#now.size = numberOf(size)
  }

  /** A form is drawn; `leave` is given what this gives. */
  enter(matrix: readonly PdfValue[]): number {
    const depth = this.#saved.length
    this.#saved.push({ ...this.#now })
    if (matrix.length === 6) this.transform(matrixOf(matrix))
    return depth
  }

  leave(depth: number): void {
    this.#now = this.#saved[depth] ?? this.#now
    this.#saved.length = Math.min(this.#saved.length, depth)
  }

  /** Where it has to do with text or places. */
  perform(operator: string, operands: readonly PdfValue[]): void {
    if (Object.hasOwn(operations, operator)) operations[operator]?.(this, operands)
  }

  save(): void {
    if (this.#saved.length < mostSaved) this.#saved.push({ ...this.#now })
  }

  restore(): void {
    this.#now = this.#saved.pop() ?? this.#now
  }

  transform(matrix: Matrix): void {
    this.#now.matrix = times(matrix, this.#now.matrix)
  }

  place(matrix: Matrix): void {
    this.#line = matrix
    this.#text = matrix
  }

  move(x: number, y: number): void {
    this.place(times(moved(x, y), this.#line))
  }

  nextLine(): void {
    this.move(0, -this.#now.leading)
  }

  set(what: 'charSpacing' | 'wordSpacing' | 'scale' | 'leading', value: number): void {
    this.#now[what] = value
  }

  /** Strings, and between them how far (in thousandths) to go back. */
  show(items: readonly PdfValue[]): void {
    const { size, scale } = this.#now
    for (const item of items) {
      if (typeof item === 'number') this.#advance((-item / 1000) * size * scale)
      else if (isString(item)) this.#showString(item)
    }
  }

  #showString({ octets }: PdfString): void {
    if (octets === '' || this.#lettersLeft <= 0) return
    const { font, size, scale, charSpacing, wordSpacing } = this.#now
    this.#part()
    const isReplaced = this.#writeReplacement()
    for (const { text, width, isBlank } of font.read(octets)) {
      if (!isReplaced) this.#write(text)
      const spacing = charSpacing + (isBlank ? wordSpacing : 0)
      this.#advance(((width / 1000) * size + spacing) * scale)
    }
    this.#end = this.#here()
  }

  /** §14.9.4: what the letters look like need not be what they say. */
  beginMarked(properties: PdfValue): void {
    const text = isDict(properties) ? properties.get('ActualText') : undefined
    if (this.#marked.length < mostSaved)
      this.#marked.push(isString(text) ? textString(text.octets) : undefined)
  }

  endMarked(): void {
    this.#marked.pop()
  }

  #writeReplacement(): boolean {
    const index = this.#marked.findIndex((text) => text !== undefined)
    if (index < 0) return false
    this.#write(this.#marked[index] ?? '')
    this.#marked[index] = ''
    return true
  }

  #write(text: string): void {
    this.#out.push(text)
    this.#lettersLeft -= text.length
  }

  #advance(by: number): void {
    this.#text = times(moved(by, 0), this.#text)
  }

  #here(): { x: number; y: number } {
    const [, , , , x, y] = times(this.#text, this.#now.matrix)
    return { x, y }
  }

  /** A blank or a line break, where the place of what comes next says so. */
  #part(): void {
    const end = this.#end
    if (!end) return
    const [a, b] = times(this.#text, this.#now.matrix)
    const unit = Math.hypot(a, b) || 1
    const { x, y } = this.#here()
    const along = ((x - end.x) * a + (y - end.y) * b) / unit
    const across = ((y - end.y) * a - (x - end.x) * b) / unit
    const letter = Math.abs(this.#now.size) * unit || 1
    if (Math.abs(across) > letter * lineGap) this.#out.push('\n')
    else if (along > letter * blankGap || along < -letter * lineGap) this.#out.push(' ')
  }
}

type Operation = (page: PageText, operands: readonly PdfValue[]) => void

const operations: Readonly<Record<string, Operation>> = {
  BMC: (page) => page.beginMarked(undefined),
  BDC: (page, operands) => page.beginMarked(operands[1]),
  EMC: (page) => page.endMarked(),
  q: (page) => page.save(),
  Q: (page) => page.restore(),
  cm: (page, operands) => page.transform(matrixOf(operands)),
  BT: (page) => page.place(identity),
  Tm: (page, operands) => page.place(matrixOf(operands)),
  Td: (page, [x, y]) => page.move(numberOf(x), numberOf(y)),
  TD: (page, [x, y]) => {
    page.set('leading', -numberOf(y))
    page.move(numberOf(x), numberOf(y))
  },
  'T*': (page) => page.nextLine(),
  Tc: (page, [value]) => page.set('charSpacing', numberOf(value)),
  Tw: (page, [value]) => page.set('wordSpacing', numberOf(value)),
  Tz: (page, [value]) => page.set('scale', numberOf(value) / 100),
  TL: (page, [value]) => page.set('leading', numberOf(value)),
  Tj: (page, operands) => page.show(operands),
  TJ: (page, [items]) => page.show(isArray(items) ? items : []),
  "'": (page, operands) => {
    page.nextLine()
    page.show(operands)
  },
  '"': (page, [word, char, text]) => {
    page.set('wordSpacing', numberOf(word))
    page.set('charSpacing', numberOf(char))
    page.nextLine()
    page.show([text])
  },
}

function numberOf(value: PdfValue): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
