const nonAscii = /[\x80-\uffff]/

/**
 * Text made ready to be looked for and to be looked in: case and compatible forms do not matter, letters stand apart from their
 * accents, as i;unicode-casemap has it (RFC 5051), with `ß` as `SS` beyond it, and a line break is a blank like any other. Folding a
 * piece of a text gives a piece of the folded text, so that substrings are found.
 */
export function fold(text: string): string {
  if (!nonAscii.test(text)) return spaced(text.toUpperCase())
  const folded = text.normalize('NFKD').toUpperCase().normalize('NFKD').replace(invisible, '')
  return spaced(folded.includes('\n') ? folded.replace(breakInCjk, '') : folded)
}

/** Soft hyphens, joiners, marks of direction and of octet order: nobody types them. */
const invisible = /[\u00ad\u200b-\u200f\u2060\ufeff]+/g

// Chinese and Japanese are broken anywhere, without a blank.
const breakInCjk =
  /(?<=[\u3005-\u3007\u3040-\u312f\u3400-\u9fff])\s*\n\s*(?=[\u3005-\u3007\u3040-\u312f\u3400-\u9fff])/g

// Not every single blank: there are ten times as many.
const oddBlanks = /[^\S ]\s*| \s+/g

function spaced(text: string): string {
  return text.replace(oddBlanks, ' ')
}

// The accents of Latin, Greek and Cyrillic; marks that make other letters in other scripts are left alone (が is not か).
const accents = /[\u0300-\u036f]+/g

/** Of folded text. */
export function withoutAccents(folded: string): string {
  return nonAscii.test(folded) ? folded.replace(accents, '') : folded
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
