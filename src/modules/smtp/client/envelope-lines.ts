import type { Address } from '../../../lib/address.ts'
import type { EnvelopeRecipient } from '../../../ports/intake.ts'
import type { Capabilities } from './capabilities.ts'
import type { Letter } from './letter.ts'

/** What of the message has to be said differently to a server that can do less. */
export interface Wording {
  readonly smtpUtf8: boolean
  readonly eightBit: boolean
  readonly size: number
}

/** RFC 5321 §4.1.1.2, with the parameters that the server knows. */
export function mailLine(letter: Letter, can: Capabilities, { smtpUtf8, eightBit, size }: Wording): string {
  const { sender, returnContent, envelopeId, requireTls } = letter
  const parameters = [
    // RFC 1870 §6.1
    can.size !== undefined && `SIZE=${size}`,
    // RFC 6152 §3
    eightBit && 'BODY=8BITMIME',
    // RFC 6531 §3.4
    smtpUtf8 && 'SMTPUTF8',
    // RFC 8689 §4.2.1
    requireTls && 'REQUIRETLS',
    // RFC 3461 §4.3, §4.4
    can.dsn && returnContent && `RET=${returnContent === 'full' ? 'FULL' : 'HDRS'}`,
    can.dsn && envelopeId !== undefined && `ENVID=${xtext(envelopeId)}`,
  ]
  return withParameters(`MAIL FROM:<${sender ?? ''}>`, parameters)
}

/** RFC 5321 §4.1.1.3; RFC 3461 §4.1, §4.2. */
export function rcptLine(
  { address, notify, originalRecipient }: EnvelopeRecipient,
  can: Capabilities,
): string {
  const original = can.dsn ? originalParameter(originalRecipient, can.smtpUtf8) : undefined
  return withParameters(`RCPT TO:<${address}>`, [
    can.dsn && notify !== undefined && `NOTIFY=${notify.join(',').toUpperCase()}`,
    original !== undefined && `ORCPT=${original}`,
  ])
}

export function isAscii(address: Address | undefined): boolean {
  return address === undefined || !/[^\x00-\x7f]/.test(address)
}

function withParameters(line: string, parameters: readonly (string | false | undefined)[]): string {
  return [line, ...parameters.filter((parameter) => parameter !== false && parameter !== undefined)].join(' ')
}

/** `type;address`, as it came to us. RFC 6533 §3 for those of more than ASCII. */
function originalParameter(original: string | undefined, smtpUtf8: boolean): string | undefined {
  if (original === undefined) return undefined
  const at = original.indexOf(';')
  const type = original.slice(0, at)
  const address = original.slice(at + 1)
  if (type !== 'utf-8') return /[^\x00-\x7f]/.test(address) ? undefined : `${type};${xtext(address)}`
  // Characters as they are where the other side may hear them, otherwise `\x{20AC}`.
  const encoded = address.replace(smtpUtf8 ? /[\x00-\x20\x7f+=\\]/gu : /[^!-*,-<>-[\]-~]/gu, codePoint)
  return `${type};${encoded}`
}

function codePoint(character: string): string {
  return `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}}`
}

/** RFC 3461 §4. */
function xtext(text: string): string {
  return text.replace(
    /[^!-*,-<>-~]/g,
    (character) => `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
