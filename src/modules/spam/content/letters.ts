/** What a character is: bits, since some patterns want several kinds. */
export const kind = {
  /** `\p{L}` */
  letter: 1,
  /** `\p{N}` */
  number: 2,
  /** Marks of money and of emphasis, of which spam makes words. */
  mark: 4,
  /** What stands within words and at their ends. */
  joiner: 8,
  /** It takes two UTF-16 units. */
  wide: 16,
} as const

/** By UTF-16 unit; 0 where nobody has asked yet. */
const known = new Uint8Array(0x1_0000)
const asked = 0x80
for (const mark of '$€£%!') known[mark.charCodeAt(0)] = asked | kind.mark
for (const joiner of `'’.,_-`) known[joiner.charCodeAt(0)] = asked | kind.joiner

/** As patterns with `u` see it, many times as fast: texts are looked at character by character. Half of a pair alone is nothing. */
export function kindAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return known[unit] || unknown(text, at, unit)
}

function unknown(text: string, at: number, unit: number): number {
  if ((unit & 0xfc00) !== 0xd800) {
    const found = asked | kindOf(String.fromCharCode(unit))
    known[unit] = found
    return found
  }
  const point = text.codePointAt(at) ?? 0
  return point > 0xffff ? asked | kind.wide | kindOf(String.fromCodePoint(point)) : asked
}

function kindOf(character: string): number {
  if (/\p{L}/u.test(character)) return kind.letter
  return /\p{N}/u.test(character) ? kind.number : 0
}

/** How many UTF-16 units it takes. */
export const widthOf = (found: number): number => ((found & kind.wide) === 0 ? 1 : 2)

/** Where the next character of one of these kinds stands, or where the text ends. */
export function findKind(text: string, from: number, kinds: number): number {
  let at = from
  while (at < text.length) {
    const found = kindAt(text, at)
    if ((found & kinds) !== 0) return at
    at += widthOf(found)
  }
  return text.length
}

/** Where the run of characters of these kinds ends that stands there. */
export function skipKind(text: string, from: number, kinds: number): number {
  let at = from
  while (at < text.length) {
    const found = kindAt(text, at)
    if ((found & kinds) === 0) return at
    at += widthOf(found)
  }
  return text.length
}
