import { isArray, isString, PdfReader, type PdfValue } from './objects.ts'

/** What codes of a font mean, as the font's ToUnicode says. ISO 32000-1 §9.10.3 */
export interface ToUnicode {
  /** How many octets make a code that begins with this one. */
  widthOf(first: number): number
  /** Undefined where it says nothing. */
  textOf(code: number): string | undefined
}

const mostTokens = 400_000

/** Takes at most so many codes, one that is said twice counted twice. */
export function readToUnicode(octets: Buffer, most: number): ToUnicode & { readonly taken: number } {
  const codes = new Codes(most)
  const widths: CodeWidth[] = []
  const reader = new PdfReader(octets.toString('latin1'), 0, 'no refs')
  let operands: PdfValue[] = []
  for (let tokens = 0; tokens < mostTokens && !reader.isAtEnd; tokens++) {
    const value = reader.value()
    const operator = operatorOf(value)
    if (operator === undefined) operands.push(value)
    else {
      if (operator === 'endcodespacerange') addWidths(operands, widths)
      if (operator === 'endbfchar') addChars(operands, codes)
      if (operator === 'endbfrange') addRanges(operands, codes)
      operands = []
    }
  }
  return {
    widthOf: (first) =>
      widths.find(({ from, to }) => first >= from && first <= to)?.width ?? widths[0]?.width ?? 0,
    textOf: (code) => codes.texts.get(code),
    taken: most - codes.left,
  }
}

class Codes {
  readonly texts = new Map<number, string>()
  left: number

  constructor(most: number) {
    this.left = most
  }

  set(code: number, text: string | undefined): void {
    this.left--
    if (text !== undefined) this.texts.set(code, text)
  }
}

interface CodeWidth {
  readonly from: number
  readonly to: number
  readonly width: number
}

function operatorOf(value: PdfValue): string | undefined {
  return typeof value === 'object' && 'kind' in value && value.kind === 'operator'
    ? value.operator
    : undefined
}

function addWidths(operands: readonly PdfValue[], widths: CodeWidth[]): void {
  for (let at = 0; at + 1 < operands.length && widths.length < 100; at += 2) {
    const [low, high] = [operands[at], operands[at + 1]]
    if (!isString(low) || !isString(high) || low.octets === '') continue
    const width = Math.min(low.octets.length, 4)
    widths.push({ from: low.octets.charCodeAt(0), to: high.octets.charCodeAt(0), width })
  }
}

function addChars(operands: readonly PdfValue[], codes: Codes): void {
  for (let at = 0; at + 1 < operands.length && codes.left > 0; at += 2) {
    const [code, text] = [operands[at], operands[at + 1]]
    if (isString(code) && isString(text)) codes.set(numberOf(code.octets), utf16(text.octets))
  }
}

function addRanges(operands: readonly PdfValue[], codes: Codes): void {
  for (let at = 0; at + 2 < operands.length; at += 3) {
    const [low, high, to] = [operands[at], operands[at + 1], operands[at + 2]]
    if (!isString(low) || !isString(high)) continue
    const first = numberOf(low.octets)
    const last = Math.min(numberOf(high.octets), first + 65_535)
    for (let code = first; code <= last && codes.left > 0; code++) {
      codes.set(code, rangeText(to, code - first))
    }
  }
}

/** Of a list its own text for each, of one text the last letter so many further. */
function rangeText(to: PdfValue, by: number): string | undefined {
  const text = isArray(to) ? to[by] : to
  if (!isString(text)) return undefined
  return isArray(to) ? utf16(text.octets) : raised(utf16(text.octets), by)
}

function raised(text: string, by: number): string {
  const letters = Array.from(text)
  const last = letters.pop()?.codePointAt(0) ?? 0
  const code = last + by
  return letters.join('') + (code <= 0x10ffff ? String.fromCodePoint(code) : '')
}

function numberOf(octets: string): number {
  let number = 0
  for (let at = 0; at < Math.min(octets.length, 4); at++) number = number * 256 + octets.charCodeAt(at)
  return number
}

function utf16(octets: string): string {
  if (octets.length === 1) return octets
  let text = ''
  for (let at = 0; at + 1 < Math.min(octets.length, 1024); at += 2) {
    text += String.fromCharCode(octets.charCodeAt(at) * 256 + octets.charCodeAt(at + 1))
  }
  return text
}
