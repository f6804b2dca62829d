import { isAscii } from '../wire/text.ts'

/**
 * Text made ready for comparison: case and compatible forms do not matter (RFC 5051 in spirit). Folding a piece of a text gives a piece of
 * the folded text, so that substrings are found.
 */
export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase()
  return text.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFC')
}
