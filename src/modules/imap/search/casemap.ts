import { isAscii } from '../wire/text.ts'

/**
 * A key whose order as a JavaScript string is that of i;unicode-casemap: titlecased, decomposed, compared as octets of UTF-8.
 * RFC 5051 §2, RFC 5255 §4.
 */
export function casemap(text: string): string {
  if (isAscii(text)) return text.toUpperCase()
  let titled = ''
  for (const letter of text) titled += titlecase(letter)
  return inOrderOfCodePoints(titled.normalize('NFKD'))
}

/** The simple mapping of UnicodeData.txt: one code point gives one. */
function titlecase(letter: string): string {
  const code = letter.codePointAt(0) ?? 0
  // Georgian has capitals, but no titlecase.
  if (code >= 0x10d0 && code <= 0x10ff) return letter
  const special = titles.get(code)
  if (special !== undefined) return String.fromCodePoint(special)
  const upper = letter.toUpperCase()
  return upper.length === ((upper.codePointAt(0) ?? 0) > 0xffff ? 2 : 1) ? upper : letter
}

/** Where it is not the capital: letters made of two, and Greek ones with a iota below. */
const titles = new Map<number, number>([
  ...[0x1c4, 0x1c5, 0x1c6].map((code) => [code, 0x1c5] as const),
  ...[0x1c7, 0x1c8, 0x1c9].map((code) => [code, 0x1c8] as const),
  ...[0x1ca, 0x1cb, 0x1cc].map((code) => [code, 0x1cb] as const),
  ...[0x1f1, 0x1f2, 0x1f3].map((code) => [code, 0x1f2] as const),
  ...[0x1f80, 0x1f90, 0x1fa0].flatMap((first) =>
    Array.from({ length: 8 }, (_, index) => [first + index, first + index + 8] as const),
  ),
  ...[0x1fb3, 0x1fc3, 0x1ff3].map((code) => [code, code + 9] as const),
])

const late = /[\ud800-\uffff]/

/** JavaScript compares halves of surrogate pairs, which stand before U+E000: they trade places. */
function inOrderOfCodePoints(text: string): string {
  if (!late.test(text)) return text
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0xd800) out += text[at]
    else out += String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800)
  }
  return out
}
