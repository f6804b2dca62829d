import { encodeWords } from './encoded-word.ts'

/** What IMAP writes inside quotes must not hold (RFC 9051 §9 quoted), and what 7-bit text must not. */
const unfit = /["\\\r\n\0]|[^\0-\x7f]/

/** A quoted string or NIL: never a literal, never more than 7 bits. */
export function nstring(text: string | undefined): string {
  return text === undefined ? 'NIL' : quoted(text)
}

export function quoted(text: string): string {
  if (!unfit.test(text)) return `"${text}"`
  const plain = encodeWords(text.replace(/\r?\n|\0/g, '').replaceAll('\r', ' '))
  return `"${plain.replace(/["\\]/g, '\\$&')}"`
}
