import { isAscii } from '../wire/text.ts'

/**
 * Text made ready to be looked for and to be looked in: case and compatible forms do not matter, and letters stand apart from their
 * accents, as i;unicode-casemap has it (RFC 5051), with `ß` as `SS` beyond it. Folding a piece of a text gives a piece of the
 * folded text, so that substrings are found.
 */
export function fold(text: string): string {
  return isAscii(text) ? text.toUpperCase() : text.normalize('NFKD').toUpperCase().normalize('NFKD')
}

// The accents of Latin, Greek and Cyrillic; marks that make other letters in other scripts are left alone (が is not か).
const accents = /[\u0300-\u036f]+/g

/** Of folded text. */
export function withoutAccents(folded: string): string {
  return isAscii(folded) ? folded : folded.replace(accents, '')
}

/**
 * What to look for. Without an accent it finds the letters with any, everywhere in a word; with accents it means just these.
 * So everything is found that i;unicode-casemap finds, and more.
 */
export interface Needle {
  /** Folded. */
  readonly text: string
  readonly ignoresAccents: boolean
}

export function needleOf(text: string): Needle {
  const folded = fold(text)
  return { text: folded, ignoresAccents: withoutAccents(folded) === folded }
}

/** `folded` is the text looked in. */
export function holds(folded: string, { text, ignoresAccents }: Needle): boolean {
  return (ignoresAccents ? withoutAccents(folded) : folded).includes(text)
}
