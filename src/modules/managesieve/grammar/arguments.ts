import type { Scanner } from '../../../lib/scanner.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Commands that take nothing. */
export function nothing(d: Scanner): undefined {
  d.end()
  return undefined
}

/** `SP sieve-name`, RFC 5804 §4. What a name may be is checked where names are kept. */
export function name(d: Scanner): string {
  const text = string(d)
  d.end()
  return text
}

/** `SP sieve-script`: UTF-8 as it came. */
export function script(d: Scanner): string {
  return name(d)
}

export function nameAndScript(d: Scanner): { name: string; script: string } {
  const text = string(d)
  return { name: text, script: name(d) }
}

export function twoNames(d: Scanner): { from: string; to: string } {
  const text = string(d)
  return { from: text, to: name(d) }
}

/** `SP sieve-name SP number` */
export function nameAndNumber(d: Scanner): { name: string; number: number } {
  const text = string(d)
  const number = Number(d.blanks().take(/\d{1,15}(?=[ \t]|$)/y) ?? d.fail('A number was expected'))
  d.end()
  return { name: text, number }
}

/** `[SP string]`, RFC 5804 §2.13. */
export function optionalString(d: Scanner): string | undefined {
  return d.blanks().atEnd ? undefined : name(d)
}

/** `SP auth-type [SP string]`, RFC 5804 §2.1. */
export function authArguments(d: Scanner): { mechanism: string; initial: string | undefined } {
  const mechanism = string(d).toUpperCase()
  return { mechanism, initial: optionalString(d) }
}

/** An answer in a SASL exchange: a line that is one string. */
export function saslAnswer(d: Scanner): string {
  return name(d)
}

/** RFC 5804 §4: quoted, or a literal. */
function string(d: Scanner): string {
  d.blanks()
  const quoted = d.take(/"(?:[^"\\\r\n\0]|\\["\\])*"(?=[ \t]|$)/y)
  if (quoted !== undefined) return decoded(d, quoted.slice(1, -1).replace(/\\(["\\])/g, '$1'))
  const size = d.take(/\{\d{1,10}\+?\}\r\n/y)
  if (size === undefined) return d.fail('A string was expected, in quotes or as a literal')
  return decoded(d, d.characters(Number.parseInt(size.slice(1), 10)))
}

/** Each character is an octet. RFC 5804 §4: strings are UTF-8, without NUL. */
function decoded(d: Scanner, octets: string): string {
  if (octets.includes('\0')) return d.fail('NUL must not be in a string')
  try {
    return utf8.decode(Buffer.from(octets, 'latin1'))
  } catch (error) {
    if (error instanceof TypeError) return d.fail('This string is not in UTF-8')
    throw error
  }
}
