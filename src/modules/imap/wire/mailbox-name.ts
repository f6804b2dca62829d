import { isAscii, octetsOf, textOf } from './text.ts'

export type FoundMailboxName = string | undefined

const separator = '/'
const longestName = 1000
const controls = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/

/** Mailbox names as they cross the wire: modified UTF-7 for IMAP4rev1 (RFC 3501 §5.1.3), UTF-8 for IMAP4rev2. */
export const mailboxNameOnWire = { readUtf7, readUtf8, readPattern, write }

function readUtf7(octets: string): FoundMailboxName {
  // Not allowed, but common: UTF-8 sent raw by clients that never heard of UTF-7.
  if (!isAscii(octets)) return canonicalName(textOf(octets))
  const name = decodeUtf7(octets)
  return name === undefined ? undefined : canonicalName(name)
}

function readUtf8(octets: string): FoundMailboxName {
  return canonicalName(textOf(octets))
}

/** A pattern keeps its wildcards; what is no UTF-7 matches as it stands. */
function readPattern(octets: string): string {
  return canonicalPattern(isAscii(octets) ? (decodeUtf7(octets) ?? octets) : textOf(octets))
}

/** As an astring: quoted, since any name may hold spaces. */
function write(name: string, utf8Names: boolean): string {
  const octets = utf8Names ? octetsOf(name) : encodeUtf7(name)
  return `"${octets.replace(/["\\]/g, '\\$&')}"`
}

/**
 * INBOX is the one name whose case does not matter (RFC 9051 §5.1); as the first level of others we take it the same way, so
 * that nobody ends with two trees that look alike.
 */
export function canonicalName(name: string): string {
  return name.normalize('NFC').replace(/^inbox(?=\/|$)/i, 'INBOX')
}

function canonicalPattern(pattern: string): string {
  return pattern.normalize('NFC').replace(/^inbox(?=[/*%]|$)/i, 'INBOX')
}

/** Why a name may not be created, undefined where it may. RFC 9051 §5.1: no wildcards, no controls, no empty level. */
export function nameFault(name: string): string | undefined {
  if (name === '' || name.split(separator).some((level) => level === ''))
    return 'A level of the name is empty'
  if (/[%*]/.test(name)) return 'A name may not contain % or *'
  if (controls.test(name)) return 'A name may not contain control characters'
  if (name.split(separator).some((level) => level === '.' || level === '..'))
    return 'A level may not be . or ..'
  if (Buffer.byteLength(name) > longestName) return `A name may have ${longestName} octets`
  return undefined
}

/** All names above this one, the nearest last. */
export function parentsOf(name: string): string[] {
  const parents: string[] = []
  for (let end = name.indexOf(separator); end >= 0; end = name.indexOf(separator, end + 1))
    parents.push(name.slice(0, end))
  return parents
}

// RFC 3501 §5.1.3: printable ASCII stands for itself, "&-" for "&", anything else is UTF-16 in modified base64.
function decodeUtf7(octets: string): string | undefined {
  if (!octets.includes('&')) return octets
  let out = ''
  let at = 0
  for (;;) {
    const start = octets.indexOf('&', at)
    if (start < 0) return out + octets.slice(at)
    const end = octets.indexOf('-', start)
    if (end < 0) return undefined
    const shifted = end === start + 1 ? '&' : decodeShifted(octets.slice(start + 1, end))
    if (shifted === undefined) return undefined
    out += octets.slice(at, start) + shifted
    at = end + 1
  }
}

function decodeShifted(base64: string): string | undefined {
  if (!/^[A-Za-z0-9+,]+$/.test(base64)) return undefined
  const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64')
  if (bytes.length < 2 || bytes.length % 2 > 0) return undefined
  const text = bytes.swap16().toString('utf16le')
  return text.isWellFormed() ? text : undefined
}

function encodeUtf7(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (run) => (run === '&' ? '&-' : `&${encodeShifted(run)}-`))
}

function encodeShifted(run: string): string {
  const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64')
  return base64.replace(/=+$/, '').replaceAll('/', ',')
}
