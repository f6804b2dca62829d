/** RFC 5804 §1.3. */
type Code =
  | 'ACTIVE'
  | 'ALREADYEXISTS'
  | 'ENCRYPT-NEEDED'
  | 'NONEXISTENT'
  | 'QUOTA'
  | 'QUOTA/MAXSCRIPTS'
  | 'QUOTA/MAXSIZE'
  | 'TRYLATER'
  | 'WARNINGS'

/** How a command ends. */
export interface Reply {
  readonly kind: 'OK' | 'NO' | 'BYE'
  readonly code?: Code | { readonly name: 'SASL' | 'TAG'; readonly value: string } | undefined
  /** For people; several lines where a script is not as it should be. */
  readonly text: string
  /** The client does not speak ManageSieve as it is meant; too many of these end the session. */
  readonly isMistake?: true
}

type ReplyCode = Reply['code']

export const ok = (text: string, code?: ReplyCode): Reply => ({ kind: 'OK', code, text })
export const no = (text: string, code?: ReplyCode): Reply => ({ kind: 'NO', code, text })
export const bye = (text: string, code?: ReplyCode): Reply => ({ kind: 'BYE', code, text })
export const mistake = (text: string): Reply => ({ kind: 'NO', text, isMistake: true })

/** One character per octet, with its CRLF. */
export function render({ kind, code, text }: Reply): string {
  return `${kind}${code === undefined ? '' : ` (${renderCode(code)})`} ${renderString(text)}\r\n`
}

function renderCode(code: NonNullable<ReplyCode>): string {
  return typeof code === 'string' ? code : `${code.name} ${renderString(code.value)}`
}

/** RFC 5804 §4: at most 1024 octets in quotes, none of which ends a line. */
const longestQuoted = 1_024

/** A string for the client, as octets. */
export function renderString(text: string): string {
  const octets = Buffer.from(text).toString('latin1')
  const escaped = octets.replace(/["\\]/g, '\\$&')
  const canBeQuoted = escaped.length <= longestQuoted && !/[\r\n\0]/.test(octets)
  return canBeQuoted ? `"${escaped}"` : `{${octets.length}}\r\n${octets}`
}
