import { type Language, type TextKey, textIn } from './texts.ts'

/** RFC 2449 §8, RFC 3206 §4. */
type Code = 'IN-USE' | 'LOGIN-DELAY' | 'SYS/TEMP' | 'SYS/PERM' | 'AUTH'

/** The first line of an answer. */
export interface Reply {
  readonly kind: 'ok' | 'err'
  readonly code?: Code | undefined
  readonly key: TextKey
  readonly values: readonly (string | number)[]
  /** The client does not speak POP3 as it is meant; too many of these end the session. */
  readonly isMistake?: true
}

export function ok(key: TextKey, ...values: readonly (string | number)[]): Reply {
  return { kind: 'ok', key, values }
}

export function err(code: Code | undefined, key: TextKey, ...values: readonly (string | number)[]): Reply {
  return { kind: 'err', code, key, values }
}

export function mistake(key: TextKey, ...values: readonly (string | number)[]): Reply {
  return { kind: 'err', key, values, isMistake: true }
}

/** RFC 1939 §3: 512 octets with the CRLF, which two octets for a character keep. */
const longestText = 240

/** One line, one character per octet. */
export function render({ kind, code, key, values }: Reply, language: Language): string {
  const text = textIn(language, key, values)
    .replace(/[\x00-\x1f\x7f]/g, ' ')
    .slice(0, longestText)
  const octets = Buffer.from(text).toString('latin1')
  return `${kind === 'ok' ? '+OK' : '-ERR'} ${code === undefined ? '' : `[${code}] `}${octets}\r\n`
}
