import { type Address, domainOf } from '../../lib/address.ts'
import { formatMessageDate } from '../../lib/mime/date.ts'
import { encodeWords } from '../../lib/mime/encoded-word.ts'
import type { SieveAction } from '../../ports/sieve.ts'
import { refusals } from './refusals.ts'

type Rejection = Extract<SieveAction, { kind: 'reject' }>

/** What may stand in a reply line. RFC 5321 §4.5.3.1.5 */
const longestReply = 400

/** A refusal while the message is still the sender's server's: nobody has to write to anybody. RFC 5429 §2.1.1 */
export function refusalBy(recipient: Address, { reason }: Rejection) {
  const line = reason.replace(/\s+/g, ' ').trim()
  return refusals.byRule(
    recipient,
    isPlain(line) && line !== '' ? line.slice(0, longestReply) : 'this mail is not wanted here',
  )
}

/**
 * Whether the refusal can be said in a reply. RFC 5429 §2.2.1: `reject` keeps the words, so what is not ASCII has to travel in a message;
 * `ereject` goes without them.
 */
export function fitsReply({ reason, prefers }: Rejection): boolean {
  return prefers === 'smtp' || isPlain(reason.replace(/\s+/g, ' '))
}

const isPlain = (text: string) => /^[ -~]*$/.test(text)

export interface ReportFacts {
  readonly rejection: Rejection
  readonly owner: Address
  /** Whom it is for: the envelope sender. */
  readonly to: Address
  readonly hostname: string
  readonly now: number
  /** Makes Message-ID and boundary. */
  readonly seed: string
  readonly subject: string
  readonly messageId: string | undefined
  /** Of what was refused, with its empty line. */
  readonly header: Uint8Array
}

/**
 * The message to the sender where others got it, and it cannot be refused any more. `reject`: RFC 5429 §2.2, a disposition
 * notification; `ereject`: §2.1.2, a delivery status notification. RFC 6522 holds both.
 */
export function writeRejection(facts: ReportFacts): Buffer {
  const { rejection, header } = facts
  const boundary = `=_${facts.seed.replace(/[^A-Za-z0-9]/g, '').slice(0, 40)}.${facts.now}`
  const type = rejection.prefers === 'message' ? 'disposition-notification' : 'delivery-status'
  const original = /[^\0-\x7f]/.test(latin1(header)) ? 'message/global-headers' : 'text/rfc822-headers'
  const pieces = [
    heading(facts, boundary, type),
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`,
    `Your message to <${facts.owner}> was refused by a rule of its recipient:\r\n\r\n`,
    `${rejection.reason.replace(/\r?\n/g, '\r\n')}\r\n`,
    `\r\n--${boundary}\r\nContent-Type: message/${type}\r\n\r\n`,
    type === 'delivery-status' ? deliveryStatus(facts) : disposition(facts),
    `\r\n--${boundary}\r\nContent-Type: ${original}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n`,
    header,
    `\r\n--${boundary}--\r\n`,
  ]
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
}

function heading(
  { owner, to, hostname, now, seed, subject }: ReportFacts,
  boundary: string,
  type: string,
): string {
  const from = type === 'delivery-status' ? `Mail delivery <MAILER-DAEMON@${domainOf(owner)}>` : `<${owner}>`
  return [
    `From: ${from}`,
    `To: <${to}>`,
    `Subject: ${encodeWords(`Refused: ${subject.slice(0, 200)}`)}`,
    `Date: ${formatMessageDate(now)}`,
    `Message-ID: <${seed.replace(/[^A-Za-z0-9.-]/g, '')}.refused@${hostname}>`,
    // RFC 3834 §5: nothing answers it by itself.
    'Auto-Submitted: auto-replied (rejected)',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${type};\r\n boundary="${boundary}"`,
    '\r\n',
  ].join('\r\n')
}

function disposition({ owner, hostname, messageId }: ReportFacts): string {
  return [
    `Reporting-UA: ${hostname}; Homepost`,
    `Final-Recipient: ${typed(owner)}`,
    ...(messageId === undefined ? [] : [`Original-Message-ID: <${messageId.replace(/[^!-~]/g, '')}>`]),
    'Disposition: automatic-action/MDN-sent-automatically; deleted',
    '',
  ].join('\r\n')
}

/** RFC 3464 §2.2, §2.3. */
function deliveryStatus({ owner, hostname }: ReportFacts): string {
  return [
    `Reporting-MTA: dns; ${hostname}`,
    '',
    `Final-Recipient: ${typed(owner)}`,
    'Action: failed',
    'Status: 5.7.1',
    '',
  ].join('\r\n')
}

function typed(address: Address): string {
  return `${isPlain(address) ? 'rfc822' : 'utf-8'}; ${address}`
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
