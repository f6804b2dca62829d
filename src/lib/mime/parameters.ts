import { decodeCharset } from './charset.ts'
import { decodeWords } from './encoded-word.ts'
import { readable } from './header.ts'

export interface ParameterValue {
  /** What stands before the first semicolon, trimmed, case kept. */
  readonly value: string
  /** Names in lower case, values decoded (RFC 2231, and RFC 2047 where people put it wrongly). */
  readonly parameters: ReadonlyMap<string, string>
}

/** A parameter with its RFC 2231 pieces put together and its charset still inside. */
export interface Attribute {
  /** Lower case, without the asterisk. */
  readonly name: string
  readonly value: string
  /** The value is `charset'language'percent-encoded` (RFC 2231 §4). */
  readonly extended: boolean
}

export interface AttributeList {
  readonly value: string
  readonly attributes: readonly Attribute[]
}

/** Most parameters of one field that are read. */
const parameterLimit = 200

/** `Content-Type`, `Content-Disposition` and their like. */
export function parseParameters(text: string): ParameterValue {
  const { value, attributes } = readAttributes(text)
  return { value, parameters: new Map(attributes.map((one) => [one.name, attributeText(one)])) }
}

/** What a person should read. */
export function attributeText({ value, extended }: Attribute): string {
  if (!extended) return decodeWords(readable(value))
  const [charset, language, ...rest] = value.split("'")
  if (language === undefined || rest.length === 0) return readable(latin1OfPercents(value))
  return decodeCharset(Buffer.from(latin1OfPercents(rest.join("'")), 'latin1'), charset)
}

interface Piece {
  readonly name: string
  /** Number of a continuation (RFC 2231 §3); undefined for a value that stands alone. */
  readonly part: number | undefined
  readonly extended: boolean
  readonly value: string
}

/** An unfolded field value, one character per octet or decoded. */
export function readAttributes(text: string): AttributeList {
  const scanner = new Scanner(text)
  const value = scanner.value()
  const pieces: Piece[] = []
  while (pieces.length < parameterLimit) {
    const piece = scanner.parameter()
    if (piece === undefined) break
    if (piece.name !== '') pieces.push(piece)
  }
  return { value, attributes: joinPieces(pieces) }
}

function joinPieces(pieces: readonly Piece[]): Attribute[] {
  const byName = Map.groupBy(pieces, ({ name }) => name)
  return [...byName].map(([name, all]) => attributeOf(name, all))
}

function attributeOf(name: string, pieces: readonly Piece[]): Attribute {
  // RFC 2231 forms say more than the plain one some senders put beside them
  const numbered = pieces
    .filter(({ part }) => part !== undefined)
    .toSorted((a, b) => (a.part ?? 0) - (b.part ?? 0))
  const alone = pieces.find(({ part, extended }) => part === undefined && extended)
  const plain = pieces.find(({ part }) => part === undefined)
  if (alone !== undefined) return { name, value: alone.value, extended: true }
  if (numbered.length === 0) return { name, value: plain?.value ?? '', extended: false }
  const extended = numbered.some((piece) => piece.extended)
  return { name, value: numbered.map((piece) => pieceText(piece, extended)).join(''), extended }
}

/** Plain pieces between extended ones are taken literally (RFC 2231 §4.1). */
function pieceText({ value, extended }: Piece, amongExtended: boolean): string {
  return extended || !amongExtended ? value : value.replaceAll('%', '%25')
}

function latin1OfPercents(value: string): string {
  return value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

const leading = /(?:[\s;]|\((?:[^()\\]|\\.)*\))*/y
const mainValue = /(?![^\s;(=]+\s*=)[^\s;(]*(?:\s*\/\s*[^\s;(=]+)?/y
const nameAndEquals = /([^\s=;"]*)\s*(=?)\s*/y
const quoted = /"((?:[^"\\]|\\.)*)(?:"|$)/sy
const unquoted = /[^;]*/y

/** Every rule moves forward and none goes back: linear in the length of the field. */
class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): string {
    this.#match(leading)
    return (this.#match(mainValue)?.[0] ?? '').replace(/\s+/g, '')
  }

  parameter(): Piece | undefined {
    this.#match(leading)
    if (this.#at >= this.#text.length) return undefined
    const start = this.#at
    const match = this.#match(nameAndEquals)
    const value = match?.[2] === '=' ? this.#parameterValue() : ''
    if (this.#at === start) this.#at++
    return pieceOf(match?.[2] === '=' ? (match[1] ?? '') : '', value)
  }

  #parameterValue(): string {
    const string = this.#match(quoted)
    // only these two escapes: senders write Windows paths as they are
    if (string !== undefined) return (string[1] ?? '').replace(/\\(["\\])/g, '$1')
    return (this.#match(unquoted)?.[0] ?? '').replace(/\s\(.*$/, '').trim()
  }

  #match(rule: RegExp): RegExpExecArray | undefined {
    rule.lastIndex = this.#at
    const match = rule.exec(this.#text)
    if (match === null) return undefined
    this.#at = rule.lastIndex
    return match
  }
}

/** RFC 2231: `name`, `name*`, `name*0`, `name*0*`. */
function pieceOf(attribute: string, value: string): Piece {
  const match = /^([^*]*)(?:\*(\d{1,4}))?(\*?)$/.exec(attribute)
  if (match === null) return { name: attribute.toLowerCase(), part: undefined, extended: false, value }
  const part = match[2] === undefined ? undefined : Number(match[2])
  return { name: (match[1] ?? '').toLowerCase(), part, extended: match[3] === '*', value }
}
