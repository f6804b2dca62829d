import { type ListEntry, type ListMailbox, mailboxesOf, parseAddressList } from './address-list.ts'
import { parseMessageDate } from './date.ts'
import { decodeWords } from './encoded-word.ts'
import type { EnvelopeFields } from './envelope.ts'
import type { Header, HeaderField } from './header.ts'
import { fieldText } from './header.ts'
import type { IndexedMailbox, MessageIndex } from './message-index.ts'
import { baseSubject } from './subject.ts'

/** The fields of a message header that anybody asks for, read once. */
export interface MessageFields extends EnvelopeFields {
  readonly references: string | undefined
}

/** What the header of the message gives to its index. */
export type Summary = Pick<
  MessageIndex,
  | 'messageId'
  | 'inReplyTo'
  | 'references'
  | 'subject'
  | 'baseSubject'
  | 'isReply'
  | 'fromText'
  | 'toText'
  | 'ccText'
  | 'bccText'
  | 'from'
  | 'to'
  | 'cc'
  | 'sentAt'
  | 'sentDay'
>

export function readMessageFields(header: Header): MessageFields {
  const grouped = new Map<string, HeaderField[]>()
  for (const field of header.fields) if (wanted.has(field.name)) groupInto(grouped, field)
  const first = (name: string) => {
    const field = grouped.get(name)?.[0]
    return field === undefined ? undefined : fieldText(header, field)
  }
  // RFC 5322 §4.5 lets old messages repeat an address field
  const people = (name: string) => {
    const values = grouped.get(name)
    return values === undefined
      ? []
      : parseAddressList(values.map((field) => fieldText(header, field)).join(', '))
  }
  return {
    date: first('date'),
    subject: first('subject'),
    from: people('from'),
    sender: people('sender'),
    replyTo: people('reply-to'),
    to: people('to'),
    cc: people('cc'),
    bcc: people('bcc'),
    inReplyTo: first('in-reply-to'),
    messageId: first('message-id'),
    references: first('references'),
  }
}

const wanted = new Set([
  'date',
  'subject',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'in-reply-to',
  'message-id',
  'references',
])

function groupInto(grouped: Map<string, HeaderField[]>, field: HeaderField): void {
  const same = grouped.get(field.name)
  if (same === undefined) grouped.set(field.name, [field])
  else same.push(field)
}

export function summarise(fields: MessageFields): Summary {
  const subject = decodeWords(fields.subject ?? '')
  const base = baseSubject(subject)
  const sent = parseMessageDate(fields.date ?? '')
  return {
    messageId: messageIds(fields.messageId, 1)[0],
    inReplyTo: messageIds(fields.inReplyTo, referenceLimit),
    references: messageIds(fields.references, referenceLimit),
    subject,
    baseSubject: base.text,
    isReply: base.isReply,
    fromText: listText(fields.from),
    toText: listText(fields.to),
    ccText: listText(fields.cc),
    bccText: listText(fields.bcc),
    from: firstMailbox(fields.from),
    to: firstMailbox(fields.to),
    cc: firstMailbox(fields.cc),
    sentAt: sent?.at,
    sentDay:
      sent === undefined ? undefined : Math.floor((sent.at + sent.zoneMinutes * 60_000) / dayMilliseconds),
  }
}

const dayMilliseconds = 86_400_000

/** Most message ids of one field that are kept: the first, and the last ones, which are nearest. */
const referenceLimit = 200

/** Longest message id that threading looks at: a line of RFC 5322 §2.1.1. */
const messageIdLength = 998

/** The ids of a field without brackets (RFC 5322 §3.6.4); a field without any bracket is taken by its words. */
function messageIds(field: string | undefined, limit: number): string[] {
  if (field === undefined) return []
  const bracketed = [...field.matchAll(/<([^<>]+)>/g)].map(([, id]) => (id ?? '').replace(/\s+/g, ''))
  const words = bracketed.length > 0 ? bracketed : field.split(/[\s,]+/).filter((word) => word.includes('@'))
  const ids = words.filter((id) => id !== '' && id.length <= messageIdLength)
  return ids.length <= limit ? ids : [...ids.slice(0, 1), ...ids.slice(1 - limit)].slice(0, limit)
}

function listText(entries: readonly ListEntry[]): string {
  return entries.map(entryText).join(', ')
}

function entryText(entry: ListEntry): string {
  if (entry.kind === 'group')
    return `${decodeWords(entry.name)}: ${entry.members.map(mailboxText).join(', ')};`
  return mailboxText(entry)
}

function mailboxText({ name, local, domain }: ListMailbox): string {
  const address = domain === '' ? local : `${local}@${domain}`
  if (name === undefined) return address
  return address === '' ? decodeWords(name) : `${decodeWords(name)} <${address}>`
}

function firstMailbox(entries: readonly ListEntry[]): IndexedMailbox | undefined {
  const first = mailboxesOf(entries.slice(0, firstEntries))[0]
  if (first === undefined) return undefined
  const name = first.name === undefined ? undefined : decodeWords(first.name)
  return { name, local: first.local, domain: first.domain }
}

/** The first mailbox may stand behind empty groups. */
const firstEntries = 10
