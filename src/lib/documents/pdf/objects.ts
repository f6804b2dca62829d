/** What a PDF is made of (ISO 32000-1 §7.3). Octets are one character each. */
export type PdfValue =
  | number
  | boolean
  | undefined
  | PdfName
  | PdfString
  | PdfRef
  | PdfOperator
  | readonly PdfValue[]
  | PdfDict

export interface PdfName {
  readonly kind: 'name'
  readonly name: string
}
export interface PdfString {
  readonly kind: 'string'
  readonly octets: string
}
export interface PdfRef {
  readonly kind: 'ref'
  readonly number: number
}
/** In contents: what is done with the operands before it. */
interface PdfOperator {
  readonly kind: 'operator'
  readonly operator: string
}
export type PdfDict = ReadonlyMap<string, PdfValue>

export const isDict = (value: PdfValue): value is PdfDict => value instanceof Map
export const isArray = (value: PdfValue): value is readonly PdfValue[] => Array.isArray(value)
export const isString = (value: PdfValue): value is PdfString => kindOf(value) === 'string'
export const isRef = (value: PdfValue): value is PdfRef => kindOf(value) === 'ref'
export const nameOf = (value: PdfValue): string | undefined =>
  kindOf(value) === 'name' ? (value as PdfName).name : undefined

function kindOf(value: PdfValue): string | undefined {
  return typeof value === 'object' && 'kind' in value ? value.kind : undefined
}

const deepest = 60
const mostItems = 100_000

const numberText = /[+-]?(?:\d+\.?\d*|\.\d+)/y
const nameText = /[^\0\t\n\f\r ()<>[\]{}/%]*/y
const reference = /[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>[\]{}/%])/y
const hexText = /[^>]*/y
const comment = /[^\r\n]*/y

/** Reads values one after the other; what makes no sense is skipped. Never goes back over more than a number. */
export class PdfReader {
  readonly #text: string
  readonly #hasRefs: boolean
  at: number

  /** `refs`: between objects, `1 0 R` names one; in contents there are none. */
  constructor(text: string, at = 0, refs: 'refs' | 'no refs' = 'refs') {
    this.#text = text
    this.#hasRefs = refs === 'refs'
    this.at = at
  }

  get isAtEnd(): boolean {
    this.#skipBlanks()
    return this.at >= this.#text.length
  }

  value(depth = 0): PdfValue {
    this.#skipBlanks()
    const first = this.#text.charAt(this.at)
    if (depth > deepest) {
      this.at++
      return undefined
    }
    switch (first) {
      case '/':
        return this.#name()
      case '(':
        return this.#literal()
      case '[':
        return this.#array(depth)
      case '<':
        return this.#text.charAt(this.at + 1) === '<' ? this.#dict(depth) : this.#hex()
      default:
        return this.#numberOrWord()
    }
  }

  #name(): PdfName {
    this.at++
    const raw = this.#match(nameText)
    const name = raw.replace(/#([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    return { kind: 'name', name }
  }

  #numberOrWord(): PdfValue {
    const number = this.#match(numberText)
    if (number !== '') return this.#refOr(number)
    const operator = this.#match(nameText)
    if (operator === '') this.at++
    if (operator === 'true' || operator === 'false') return operator === 'true'
    return operator === 'null' || operator === '' ? undefined : { kind: 'operator', operator }
  }

  #refOr(number: string): PdfValue {
    if (this.#hasRefs && /^\d{1,10}$/.test(number) && this.#match(reference) !== '') {
      return { kind: 'ref', number: Number(number) }
    }
    return Number(number)
  }

  #array(depth: number): PdfValue[] {
    this.at++
    const items: PdfValue[] = []
    while (!this.isAtEnd && items.length < mostItems) {
      if (this.#text.charAt(this.at) === ']') {
        this.at++
        break
      }
      items.push(this.value(depth + 1))
    }
    return items
  }

  #dict(depth: number): PdfDict {
    this.at += 2
    const dict = new Map<string, PdfValue>()
    while (!this.isAtEnd && dict.size < mostItems) {
      if (this.#text.startsWith('>>', this.at)) {
        this.at += 2
        break
      }
      const key = nameOf(this.value(depth + 1))
      if (key !== undefined) dict.set(key, this.value(depth + 1))
    }
    return dict
  }

  #hex(): PdfString {
    this.at++
    const digits = this.#match(hexText).replace(/[^0-9a-fA-F]+/g, '')
    this.at++
    return {
      kind: 'string',
      octets: Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex').toString('latin1'),
    }
  }

  /** ISO 32000-1 §7.3.4.2: parentheses nest. */
  #literal(): PdfString {
    this.at++
    const start = this.at
    let depth = 1
    while (this.at < this.#text.length && depth > 0) {
      const code = this.#text.charCodeAt(this.at++)
      if (code === backslash) this.at++
      else if (code === open) depth++
      else if (code === close) depth--
    }
    const raw = this.#text.slice(start, this.at - 1)
    return { kind: 'string', octets: raw.includes('\\') ? raw.replace(escaped, unescaped) : raw }
  }

  /** Comments, too. */
  #skipBlanks(): void {
    for (; this.at < this.#text.length; this.at++) {
      const code = this.#text.charCodeAt(this.at)
      if (code === percent) this.#match(comment)
      else if (code > space || (code > 0 && code < tab)) return
    }
  }

  #match(rule: RegExp): string {
    rule.lastIndex = this.at
    const found = rule.exec(this.#text)?.[0] ?? ''
    this.at += found.length
    return found
  }
}

const tab = 9
const space = 32
const percent = 37
const open = 40
const close = 41
const backslash = 92

const escaped = /\\(?:([0-7]{1,3})|(\r\n|[\s\S]))/g
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '\n': '',
  '\r': '',
  '\r\n': '',
}

function unescaped(_: string, octal: string | undefined, sign = ''): string {
  return octal === undefined ? (escapes[sign] ?? sign) : String.fromCharCode(Number.parseInt(octal, 8) & 255)
}
