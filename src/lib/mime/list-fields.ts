import { scanHeader } from './header.ts'

/**
 * Header fields that mail programs ask for when they show lists, and that are short. Stored texts name them by their place here:
 * new ones go to the end, at most 90 in all.
 */
const names = [
  'from',
  'to',
  'cc',
  'bcc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'reply-to',
  'sender',
  'content-type',
  'content-transfer-encoding',
  'content-description',
  'content-disposition',
  'content-language',
  'mime-version',
  'return-path',
  'delivered-to',
  'x-original-to',
  'x-delivered-to',
  'envelope-to',
  'mail-followup-to',
  'mail-reply-to',
  'list-id',
  'list-post',
  'list-help',
  'list-archive',
  'list-owner',
  'list-subscribe',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'precedence',
  'auto-submitted',
  'importance',
  'priority',
  'x-priority',
  'x-msmail-priority',
  'sensitivity',
  'disposition-notification-to',
  'return-receipt-to',
  'x-confirm-reading-to',
  'newsgroups',
  'organization',
  'user-agent',
  'x-mailer',
  'lines',
  'x-label',
  'x-tuid',
  'x-draft-info',
  'x-forwarded-message-id',
  'x-mozilla-draft-info',
  'x-identity-key',
  'x-account-key',
  'x-k9mail-identity',
  'x-uniform-type-identifier',
  'x-universally-unique-identifier',
  'chat-version',
  'resent-date',
  'resent-from',
  'resent-to',
  'resent-message-id',
] as const

const places: ReadonlyMap<string, number> = new Map(names.map((name, place) => [name, place]))

/** What makes lists slow is not worth keeping twice. */
const longestPacked = 4_096
const mostFields = 90
/** Numbers are printable characters: a field takes its place and its length in two digits. */
const zero = 35
const base = 90
const octetsPerField = 3

/**
 * The short header fields, as they stand and in their order: how many, place and length of each, then all of them. Undefined
 * where that is no help: then they are read from the header itself. The header has one character per octet.
 */
export function packListFields(header: string): string | undefined {
  const { fields } = scanHeader(header)
  // BODY[HEADER.FIELDS] ends as the header does: an empty line of its own kind would have to be remembered.
  if (header[fields.at(-1)?.end ?? 0] === '\n' || header.includes('\0')) return undefined
  let index = ''
  let text = ''
  let count = 0
  for (const field of fields) {
    const place = places.get(field.name)
    if (place === undefined) continue
    const length = field.end - field.start
    count++
    index += digit(place) + digit(Math.floor(length / base)) + digit(length % base)
    text += header.slice(field.start, field.end)
    if (text.length > longestPacked || count > mostFields) return undefined
  }
  return digit(count) + index + text
}

/** BODY[HEADER.FIELDS (names)] of what was packed; undefined where it takes the header itself. RFC 9051 §6.4.5.1. */
export function listFieldPicker(asked: readonly string[]): ((packed: string) => string) | undefined {
  const wanted = new Uint8Array(zero + mostFields + 1)
  for (const name of asked) {
    const place = places.get(name.toLowerCase())
    if (place === undefined) return undefined
    wanted[zero + place] = 1
  }
  return (packed) => pick(packed, wanted)
}

/** Neighbours are taken together: names that programs ask for often stand side by side. */
function pick(packed: string, wanted: Uint8Array): string {
  const indexEnd = 1 + countOf(packed) * octetsPerField
  let kept = ''
  let end = indexEnd
  let runStart = -1
  for (let at = 1; at < indexEnd; at += octetsPerField) {
    if (wanted[packed.charCodeAt(at)] === 1) {
      if (runStart < 0) runStart = end
    } else if (runStart >= 0) {
      kept += packed.slice(runStart, end)
      runStart = -1
    }
    end += (packed.charCodeAt(at + 1) - zero) * base + packed.charCodeAt(at + 2) - zero
  }
  if (runStart >= 0) kept += packed.slice(runStart, end)
  return `${kept}\r\n`
}

const digit = (value: number): string => String.fromCharCode(zero + value)
const countOf = (packed: string): number => packed.charCodeAt(0) - zero
