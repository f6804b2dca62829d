import { domainToASCII } from 'node:url'
import { type ListEntry, type ListMailbox, parseAddressList } from './address-list.ts'
import { encodePhrase, encodeWords } from './encoded-word.ts'
import { fieldText, type Header, type HeaderField } from './header.ts'

const foreign = /[^\0-\x7f]/
const everyForeign = /[^\0-\x7f]/g
const longestLine = 76

const withAddresses =
  /^(?:(?:resent-)?(?:from|sender|reply-to|to|cc|bcc)|(?:disposition|return-receipt)-(?:notification-)?to)$/
const withParameters = /^content-(?:type|disposition)$/
/** Made for programs: letters beyond ASCII mean nothing in them. */
const forPrograms =
  /^(?:$|received|return-path|delivered-to|(?:resent-)?(?:message-id|date)|in-reply-to|references|mime-version|content-(?:id|transfer-encoding)|dkim-signature|arc-.*|authentication-results)$/

/**
 * A header for a client that knows ASCII alone: fields beyond ASCII are rewritten so that people see the same, the others stay
 * to the octet. Ends with the empty line, where there was one. One character per octet.
 */
export function asciiHeader(header: Header): string {
  const last = header.fields.at(-1)?.end ?? 0
  const fields = header.fields.map((field) => {
    const octets = header.text.slice(field.start, field.end)
    return foreign.test(octets) ? asciiField(header, field) : octets
  })
  return fields.join('') + header.text.slice(last, header.end)
}

function asciiField(header: Header, field: HeaderField): string {
  const label = header.text.slice(field.start, field.valueStart).trimEnd()
  const text = asciiValue(field.name, fieldText(header, field)).replace(everyForeign, '?')
  // RFC 2047 §2: lines with encoded words stay short.
  const value = text.replace(/ (?==\?)/g, '\r\n ')
  const firstWord = value.startsWith('=?') ? value.search(/\r\n|$/) : 0
  if (label === '') return `${value}\r\n`
  return `${label}${label.length + 1 + firstWord > longestLine ? '\r\n' : ''} ${value}\r\n`
}

function asciiValue(name: string, text: string): string {
  if (forPrograms.test(name)) return text
  if (withAddresses.test(name)) return parseAddressList(text).map(asciiEntry).join(',\r\n ')
  if (withParameters.test(name)) return text.replace(quotedParameter, asciiParameter)
  return encodeWords(text)
}

function asciiEntry(entry: ListEntry): string {
  if (entry.kind === 'mailbox') return asciiMailbox(entry)
  return `${phrase(entry.name)}: ${entry.members.map(asciiMailbox).join(', ')};`
}

/** An address that cannot be written is shown as the name of an empty group, which nobody can answer to. RFC 6854 §1. */
function asciiMailbox({ name, local, domain }: ListMailbox): string {
  const shown = name === undefined ? '' : `${phrase(name)} `
  const ascii = foreign.test(domain) ? domainToASCII(domain) : domain
  if (foreign.test(local) || (ascii === '' && domain !== '')) {
    return `${encodePhrase(`${name ?? ''} ${local}@${domain}`.trim())}:;`
  }
  const address = `${plainLocal.test(local) ? local : quoted(local)}${ascii === '' ? '' : `@${ascii}`}`
  return shown === '' ? address : `${shown}<${address}>`
}

const plainLocal = /^[\w!#$%&'*+/=?^`{|}~.-]+$/
const plainPhrase = /^[\w!#$%&'*+/=?^`{|}~ -]*$/

function phrase(name: string): string {
  if (foreign.test(name)) return encodePhrase(name)
  return plainPhrase.test(name) ? name : quoted(name)
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

const quotedParameter = /([\w-]{1,64})="((?:[^"\\]|\\.)*)"/g

/** RFC 2231 §4. */
function asciiParameter(whole: string, name: string, value: string): string {
  if (!foreign.test(value)) return whole
  const octets = encodeURIComponent(value.replace(/\\(.)/g, '$1').toWellFormed())
  return `${name}*=utf-8''${octets.replace(/['()*!]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)}`
}
