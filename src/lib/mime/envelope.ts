import { domainToASCII } from 'node:url'
import type { ListEntry, ListMailbox } from './address-list.ts'
import { nstring, quoted } from './wire.ts'

/** The header fields that ENVELOPE repeats, unfolded; undefined where the header has none. */
export interface EnvelopeFields {
  readonly date: string | undefined
  readonly subject: string | undefined
  readonly from: readonly ListEntry[]
  readonly sender: readonly ListEntry[]
  readonly replyTo: readonly ListEntry[]
  readonly to: readonly ListEntry[]
  readonly cc: readonly ListEntry[]
  readonly bcc: readonly ListEntry[]
  readonly inReplyTo: string | undefined
  readonly messageId: string | undefined
}

/** RFC 9051 §7.5.2: the wire form of ENVELOPE. Sender and Reply-To are From where they are missing or empty. */
export function writeEnvelope(fields: EnvelopeFields): string {
  const from = addressList(fields.from)
  const sender = fields.sender.length === 0 ? from : addressList(fields.sender)
  const replyTo = fields.replyTo.length === 0 ? from : addressList(fields.replyTo)
  const people = `${from} ${sender} ${replyTo} ${addressList(fields.to)} ${addressList(fields.cc)} ${addressList(fields.bcc)}`
  const ids = `${nstring(fields.inReplyTo)} ${nstring(fields.messageId)}`
  return `(${nstring(fields.date)} ${nstring(fields.subject)} ${people} ${ids})`
}

function addressList(entries: readonly ListEntry[]): string {
  return entries.length === 0 ? 'NIL' : `(${entries.map(address).join('')})`
}

/** A group is its name, its members and an end mark: `(NIL NIL "name" NIL)…(NIL NIL NIL NIL)`. */
function address(entry: ListEntry): string {
  if (entry.kind === 'mailbox') return mailboxAddress(entry)
  return `(NIL NIL ${quoted(entry.name)} NIL)${entry.members.map(mailboxAddress).join('')}(NIL NIL NIL NIL)`
}

/** NIL for the domain would begin a group, so a domain that is missing is the empty string. */
function mailboxAddress({ name, route, local, domain }: ListMailbox): string {
  return `(${nstring(name)} ${nstring(route)} ${quoted(local)} ${quoted(asciiDomain(domain))})`
}

function asciiDomain(domain: string): string {
  return /[^\0-\x7f]/.test(domain) ? domainToASCII(domain) || domain : domain
}
