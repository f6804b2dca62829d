import type { Scanner } from '../../../lib/scanner.ts'

/** Commands that take nothing. */
export function nothing(d: Scanner): undefined {
  d.end()
  return undefined
}

/** `SP msg`, RFC 1939 §5. */
export function message(d: Scanner): number {
  const number = numberOf(d) ?? d.fail('The number of a message is missing')
  d.end()
  return number
}

/** `[SP msg]` */
export function optionalMessage(d: Scanner): number | undefined {
  const number = numberOf(d)
  d.end()
  return number
}

/** `SP msg SP n`, RFC 1939 §7. */
export function topArguments(d: Scanner): { message: number; lines: number } {
  const message = numberOf(d) ?? d.fail('The number of a message is missing')
  const lines = numberOf(d) ?? d.fail('The number of lines is missing')
  d.end()
  return { message, lines }
}

/** Everything behind one space, blanks too: passwords may have them at either end. RFC 1939 §7 PASS. */
export function verbatim(d: Scanner): string {
  const text = d.take(/ [^\0]+$/y)?.slice(1)
  return text ?? d.fail('Something is missing here')
}

export interface AuthArguments {
  /** Undefined: which are there? */
  readonly mechanism: string | undefined
  /** Base64; '' for `=`, which is an empty response. RFC 5034 §4. */
  readonly initial: string | undefined
}

export function authArguments(d: Scanner): AuthArguments {
  if (d.blanks().atEnd) return { mechanism: undefined, initial: undefined }
  const mechanism = d.take(/[A-Za-z0-9_-]{1,20}(?= |\t|$)/y) ?? d.fail('This is no mechanism')
  const initial = d.blanks().word()
  d.end()
  return {
    mechanism: mechanism.toUpperCase(),
    initial: initial === '' ? undefined : initial.replace(/^=$/, ''),
  }
}

/** `[SP lang-range]`, RFC 6856 §3.2, RFC 4647 §2.1. */
export function languageRange(d: Scanner): string | undefined {
  if (d.blanks().atEnd) return undefined
  const range = d.take(/(?:\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,8})(?= |\t|$)/y)
  d.end()
  return range ?? d.fail('This is no language')
}

function numberOf(d: Scanner): number | undefined {
  if (d.blanks().atEnd) return undefined
  return Number(d.take(/\d{1,15}(?= |\t|$)/y) ?? d.fail('A number was expected'))
}
