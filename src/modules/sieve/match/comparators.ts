import { hasStray, toOctets } from './octets.ts'

/** How texts are compared. RFC 4790, RFC 5228 §2.7.3. */
export interface Comparator {
  /** Texts that are equal have equal folds; so have substrings. */
  fold(text: string): string
  compare(one: string, other: string): number
  /** Contains and matches work with it. */
  readonly hasSubstrings: boolean
}

/** Every comparator, by the name that scripts use. */
export const comparators: Readonly<Record<string, Comparator>> = {
  'i;octet': { fold: (text) => text, compare: compareOctets, hasSubstrings: true },
  // RFC 4790 §9.2.1
  'i;ascii-casemap': {
    fold: foldAscii,
    compare: (one, other) => compareOctets(foldAscii(one), foldAscii(other)),
    hasSubstrings: true,
  },
  // RFC 4790 §9.1.1
  'i;ascii-numeric': { fold: numeric, compare: compareNumbers, hasSubstrings: false },
  // RFC 5051 §2
  'i;unicode-casemap': {
    fold: foldUnicode,
    compare: (one, other) => compareOctets(foldUnicode(one), foldUnicode(other)),
    hasSubstrings: true,
  },
}

export const defaultComparator = 'i;ascii-casemap'

function compareOctets(one: string, other: string): number {
  if (one === other) return 0
  // below U+D800 the order of UTF-16 is that of UTF-8
  if (/[\ud800-\uffff]/.test(one + other)) return Buffer.compare(toOctets(one), toOctets(other))
  return one < other ? -1 : 1
}

export function foldAscii(text: string): string {
  // most texts have no letters beyond ASCII, and there the native way is the same
  return /[^\0-\x7f]/.test(text)
    ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : text.toLowerCase()
}

function foldUnicode(text: string): string {
  return hasStray(text) ? foldAscii(text) : text.toUpperCase().normalize('NFKD')
}

/** Leading digits without zeros in front; a text that begins with none is infinite. */
function numeric(text: string): string {
  const digits = /^\d+/.exec(text)?.[0]
  return digits === undefined ? infinite : digits.replace(/^0+(?=\d)/, '')
}

const infinite = 'infinite'

function compareNumbers(one: string, other: string): number {
  const [a, b] = [numeric(one), numeric(other)]
  if (a === b) return 0
  if (a === infinite || b === infinite) return a === infinite ? 1 : -1
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}
