import type { Scanner } from '../../../lib/scanner.ts'
import { type MailParameters, mailParameters, type RcptParameters, rcptParameters } from './parameters.ts'
import { type Path, path } from './path.ts'

/** `MAIL FROM:<path> parameters`, RFC 5321 §4.1.1.2. */
export function mailArguments(d: Scanner): { path: Path; parameters: MailParameters } {
  d.blanks().expect('FROM').blanks().expect(':')
  return { path: path(d), parameters: mailParameters(d) }
}

/** `RCPT TO:<path> parameters`, RFC 5321 §4.1.1.3. */
export function rcptArguments(d: Scanner): { path: Path; parameters: RcptParameters } {
  d.blanks().expect('TO').blanks().expect(':')
  return { path: path(d), parameters: rcptParameters(d) }
}

/**
 * Domain or address literal, RFC 5321 §4.1.1.1. Many clients say something else; whatever is one word and can stand in a
 * Received header is taken, as §4.1.4 forbids to refuse mail for it.
 */
export function helloName(d: Scanner): string {
  const name = d.blanks().take(/\[[A-Za-z0-9.:_-]{1,100}\]|[^\x00-\x20\x7f()<>[\]\\,;:@"]{1,255}/y)
  if (!name) return d.fail('Say your host name')
  d.end()
  return name
}

/** `BDAT size [LAST]`, RFC 3030 §2. */
export function chunkArguments(d: Scanner): { octets: number; last: boolean } {
  const digits = d.blanks().take(/\d{1,20}(?= |\t|$)/y) ?? d.fail('Expected the number of octets')
  const last = d.blanks().skip('LAST')
  d.end()
  return { octets: Number(digits), last }
}

export interface AuthArguments {
  readonly mechanism: string
  /** Base64; '' for `=`, which is an empty response. RFC 4954 §4. */
  readonly initial: string | undefined
}

export function authArguments(d: Scanner): AuthArguments {
  const mechanism = d.blanks().take(/[A-Za-z0-9_-]{1,20}(?= |\t|$)/y) ?? d.fail('Expected a mechanism')
  const initial = d.blanks().word()
  d.end()
  return {
    mechanism: mechanism.toUpperCase(),
    initial: initial === '' ? undefined : initial.replace(/^=$/, ''),
  }
}

/** Commands that take nothing. */
export function nothing(d: Scanner): undefined {
  d.end()
  return undefined
}

/** Commands whose argument does not matter. */
export function anything(d: Scanner): string {
  return d.rest()
}
