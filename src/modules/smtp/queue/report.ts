import { formatMessageDate } from '../../../lib/mime/date.ts'
import type { Attempt, OutgoingMessage, QueuedRecipient } from '../../../ports/outgoing-queue.ts'

/** What a report says about one recipient. RFC 3464 §2.3.3. */
export interface Reported {
  readonly recipient: Pick<QueuedRecipient, 'address' | 'originalRecipient' | 'expires'>
  readonly action: 'failed' | 'delayed' | 'relayed' | 'delivered' | 'expanded'
  readonly attempt: Attempt
}

/** One of a queued message. */
export type ReportedRow = Reported & { readonly recipient: QueuedRecipient }

export interface ReportFacts {
  readonly hostname: string
  /** Of ours, with a key of its own: what is from the host's name is not the domain to a strict DMARC policy. */
  readonly domain: string
  /** For Message-ID and log. */
  readonly id: string
  readonly boundary: string
  readonly now: number
  /** Whom it goes to: the envelope sender of the message. */
  readonly to: string
  readonly message: Pick<OutgoingMessage, 'envelopeId' | 'acceptedAt'>
  /** At least one; all of one action. */
  readonly reported: readonly Reported[]
  /** The message, or its header with the empty line. */
  readonly original: { readonly kind: 'full' | 'headers'; readonly bytes: Uint8Array }
}

const subjects = {
  failed: 'Your message could not be delivered',
  delayed: 'Your message is late, and still on its way',
  relayed: 'Your message was handed on',
  delivered: 'Your message was delivered',
  expanded: 'Your message was delivered, and sent on',
} as const

const openings = {
  failed: 'Your message did not reach these people, and no further attempt will be made:',
  delayed:
    'Your message has not reached these people yet. You need not do anything: it is tried again until the time that is given.',
  relayed: 'Your message was handed to servers that do not confirm delivery, for these people:',
  delivered: 'Your message is in the mailboxes of these people:',
  expanded: 'Your message was delivered, and sent on to other servers as these people wish:',
} as const

/** A delivery status notification, whole, with CRLF and short lines. RFC 3464, RFC 3461 §6, RFC 6522. */
export function writeReport(facts: ReportFacts): Buffer {
  const { boundary, original } = facts
  const status = statusPart(facts)
  const pieces = [
    header(facts),
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`,
    forPeople(facts),
    `\r\n--${boundary}\r\nContent-Type: message/delivery-status\r\n\r\n`,
    status,
    `\r\n--${boundary}\r\nContent-Type: ${originalType(original)}\r\n`,
    `Content-Transfer-Encoding: ${isAscii(original.bytes) ? '7bit' : '8bit'}\r\n\r\n`,
    original.bytes,
    `\r\n--${boundary}--\r\n`,
  ]
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
}

function header({ hostname, domain, id, boundary, now, to, reported }: ReportFacts): string {
  const action = reported[0]?.action ?? 'failed'
  return [
    `From: Mail delivery <MAILER-DAEMON@${domain}>`,
    `To: <${to}>`,
    `Subject: ${subjects[action]}`,
    `Date: ${formatMessageDate(now)}`,
    `Message-ID: <${id}@${hostname}>`,
    // RFC 3834 §5: nothing answers it by itself.
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"`,
    '\r\n',
  ].join('\r\n')
}

function forPeople({ reported, hostname }: ReportFacts): string {
  const action = reported[0]?.action ?? 'failed'
  const each = reported.map(({ recipient, attempt }) => {
    const until =
      action === 'delayed' ? `\r\n  It is tried until ${formatMessageDate(recipient.expires)}.` : ''
    return `<${recipient.address}>\r\n${wrapped(sayAttempt(attempt))}${until}\r\n`
  })
  return `${wrapped(openings[action], '')}\r\n\r\n${each.join('\r\n')}\r\nThis was written by the mail server ${hostname}.\r\n`
}

function sayAttempt({ saidBy, server, code, status, text }: Attempt): string {
  if (saidBy === 'us') return server === undefined ? text : `${server}: ${text}`
  return `The server ${server ?? 'there'} said: ${code ?? ''} ${status} ${text}`
}

const lineLength = 76

/** Lines of people's length; a word that is longer stands alone, cut where RFC 5322 §2.1.1 ends a line. */
function wrapped(text: string, indent = '  '): string {
  const lines: string[] = []
  for (const word of text.split(' ').flatMap((each) => each.match(/.{1,200}/gsu) ?? [])) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < lineLength)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`${indent}${word}`)
  }
  return lines.join('\r\n')
}

/** RFC 3464 §2.2, §2.3. ASCII alone, whatever was said: RFC 6533 §3 has a form for addresses. */
function statusPart({ hostname, message, reported }: ReportFacts): string {
  const groups = [
    [
      message.envelopeId !== undefined && field('Original-Envelope-Id', message.envelopeId),
      field('Reporting-MTA', `dns; ${hostname}`),
      field('Arrival-Date', formatMessageDate(message.acceptedAt)),
    ],
    ...reported.map(({ recipient, action, attempt }) => recipientFields(recipient, action, attempt)),
  ]
  return groups.map((fields) => fields.filter((each) => each !== false).join('')).join('\r\n')
}

function recipientFields(
  { address, originalRecipient, expires }: Reported['recipient'],
  action: Reported['action'],
  attempt: Attempt,
): readonly (string | false)[] {
  const { server, saidBy, code, status, text, at } = attempt
  return [
    originalRecipient !== undefined && field('Original-Recipient', originalRecipientOf(originalRecipient)),
    field('Final-Recipient', typed(address)),
    field('Action', action),
    field('Status', status),
    saidBy === 'them' && server !== undefined && field('Remote-MTA', `dns; ${server}`),
    // RFC 3464 §2.3.6: the server's own words.
    saidBy === 'them' && field('Diagnostic-Code', `smtp; ${code ?? ''} ${status} ${text}`),
    field('Last-Attempt-Date', formatMessageDate(at)),
    action === 'delayed' && field('Will-Retry-Until', formatMessageDate(expires)),
  ]
}

function typed(address: string): string {
  return hasMoreThanAscii(address) ? `utf-8; ${utf8Xtext(address)}` : `rfc822; ${address}`
}

function originalRecipientOf(original: string): string {
  const at = original.indexOf(';')
  const address = original.slice(at + 1)
  return `${original.slice(0, at)}; ${hasMoreThanAscii(address) ? utf8Xtext(address) : address}`
}

/** RFC 6533 §3. */
function utf8Xtext(address: string): string {
  return address.replace(
    /[^!-*,-<>-[\]-~]/gu,
    (character) => `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  )
}

function field(name: string, value: string): string {
  const ascii = value.replace(/[^ -~]/g, '?')
  return `${wrapped(`${name}: ${ascii}`, ' ').trimStart()}\r\n`
}

/** RFC 6522 §3, RFC 3464 §2.1; RFC 6533 §4 and §5 for headers of more than ASCII. */
function originalType({ kind, bytes }: ReportFacts['original']): string {
  if (kind === 'full') return 'message/rfc822'
  return isAscii(bytes) ? 'text/rfc822-headers' : 'message/global-headers'
}

function isAscii(bytes: Uint8Array): boolean {
  return !hasMoreThanAscii(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'))
}

function hasMoreThanAscii(text: string): boolean {
  return /[^\x00-\x7f]/.test(text)
}
