import { randomBytes } from 'node:crypto'
import { mailboxesOf, parseAddressList } from '../../../lib/mime/address-list.ts'
import { formatMessageDate } from '../../../lib/mime/date.ts'
import { type Header, type HeaderField, rawValue, readHeader } from '../../../lib/mime/header.ts'

export interface SubmissionFacts {
  readonly hostname: string
  readonly id: string
  /** For From and Sender, where the message has none. */
  readonly author: string
  readonly at: number
}

/** They tell what somebody writes with, where they are, and by which way the message came. */
const revealing = ['received', 'user-agent', 'x-enigmail', 'x-mailer', 'x-originating-ip', 'x-pgp-agent']
/** Envelope and delivery say these; in a new message they betray hidden recipients or are wrong. RFC 5322 §3.6.3, RFC 5321 §4.4. */
const misplaced = ['bcc', 'resent-bcc', 'return-path', 'content-length']

/**
 * The header of a message that somebody who signed in hands over: client-revealing fields go, missing ones are added
 * (RFC 6409 §8). Fields of inner parts stay as they are. What has no field's form begins the body.
 */
export function completeHeader(bytes: Buffer, facts: SubmissionFacts): Buffer {
  const header = readHeader(bytes)
  const broken = header.fields.findIndex(({ name }) => name === '')
  const fields = broken < 0 ? header.fields : header.fields.slice(0, broken)
  const bodyStart = broken < 0 ? header.end : (header.fields[broken]?.start ?? header.end)
  const kept = fields.filter(({ name }) => !isDropped(name)).map((field) => fieldAsSent(header, field))
  const added = missingFields(header, fields, facts)
  return Buffer.concat([
    Buffer.from([...kept, ...added, '\r\n'].join(''), 'latin1'),
    bytes.subarray(Math.min(bodyStart, bytes.length)),
  ])
}

function isDropped(name: string): boolean {
  return misplaced.includes(name) || revealing.some((prefix) => name.startsWith(prefix))
}

/** `1.0 (Mac OS X Mail 16.0)` names the client too. */
function fieldAsSent(header: Header, field: HeaderField): string {
  const asWritten = header.text.slice(field.start, field.end)
  const text = asWritten.endsWith('\r\n') ? asWritten : `${asWritten}\r\n`
  if (field.name !== 'mime-version') return text
  const version = /^[\d.]+/.exec(rawValue(header, field))?.[0]
  return version === undefined ? text : `${header.text.slice(field.start, field.valueStart)} ${version}\r\n`
}

function missingFields(header: Header, fields: readonly HeaderField[], facts: SubmissionFacts): string[] {
  const has = (name: string) => fields.some((field) => field.name === name)
  const added: string[] = []
  // One character per octet, as the rest of the header.
  const author = Buffer.from(facts.author).toString('latin1')
  if (!has('date')) added.push(`Date: ${formatMessageDate(facts.at)}\r\n`)
  if (!has('message-id')) {
    added.push(`Message-ID: <${facts.id}.${randomBytes(8).toString('hex')}@${facts.hostname}>\r\n`)
  }
  if (!has('from')) added.push(`From: <${author}>\r\n`)
  else if (!has('sender') && authorsOf(header, fields) > 1) added.push(`Sender: <${author}>\r\n`)
  return added
}

/** RFC 5322 §3.6.2: several authors need a Sender. With one, a Sender would only betray which account an alias belongs to. */
function authorsOf(header: Header, fields: readonly HeaderField[]): number {
  const from = fields.find(({ name }) => name === 'from')
  return from ? mailboxesOf(parseAddressList(rawValue(header, from))).length : 0
}
