import { randomBytes } from 'node:crypto'
import type { Address, DomainName } from '../../../lib/address.ts'
import type { Delivery } from '../../../ports/mail-store.ts'
import type { MessageBytes } from '../../../ports/message.ts'
import type { OutgoingMessage, OutgoingQueue } from '../../../ports/outgoing-queue.ts'
import type { OwnMail } from '../../../ports/own-mail.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { planLetter } from './letter-home.ts'
import { type Reported, type ReportedRow, type ReportFacts, writeReport } from './report.ts'
import { returnsWhole } from './settle.ts'

interface PostmanParts {
  readonly queue: Pick<OutgoingQueue, 'message' | 'bytes'>
  readonly bytes: MessageBytes
  readonly ownMail: OwnMail
  readonly hostname: string
  /** Whose mailer daemon writes. */
  readonly domain: DomainName
  readonly clock: Clock
  readonly log: Log
}

export interface Postman {
  /** Reports to those who sent: one for each message and action. Changes nothing: they are carried out with what they tell. */
  write(reported: readonly ReportedRow[]): Promise<Delivery[]>
}

/** More is not sent back, whatever was asked for. */
const mostReturned = 1024 * 1024
const mostHeader = 64 * 1024

export function createPostman(parts: PostmanParts): Postman {
  return {
    async write(reported) {
      const groups = Map.groupBy(reported, ({ recipient, action }) => `${recipient.message} ${action}`)
      const reports: Delivery[] = []
      for (const group of groups.values()) {
        const report = await reportOf(parts, group)
        if (report) reports.push(report)
      }
      return reports
    },
  }
}

async function reportOf(
  parts: PostmanParts,
  reported: readonly ReportedRow[],
): Promise<Delivery | undefined> {
  const [first] = reported
  if (!first) return undefined
  const message = await parts.queue.message(first.recipient.message)
  if (!message?.sender) return undefined
  const original = await originalOf(parts, first, message)
  const planned = await planReport(parts, {
    message: { ...message, sender: message.sender },
    reported,
    original,
  })
  if (planned.kind === 'planned') return planned.delivery
  parts.log.warn('report.lost', { message: first.recipient.message, to: message.sender, text: planned.text })
  return undefined
}

interface Telling {
  readonly message: Pick<OutgoingMessage, 'envelopeId' | 'acceptedAt' | 'requireTls' | 'smtpUtf8'> & {
    readonly sender: Address
  }
  readonly reported: readonly Reported[]
  readonly original: ReportFacts['original']
}

/** Writes a report and finds out where it goes. Nothing is left behind where it goes nowhere. */
export async function planReport(
  parts: Pick<PostmanParts, 'bytes' | 'ownMail' | 'hostname' | 'domain' | 'clock'>,
  { message, reported, original }: Telling,
): ReturnType<OwnMail['plan']> {
  const { hostname, domain, clock } = parts
  const id = `${clock.now().toString(36)}.${randomBytes(9).toString('hex')}`
  const facts = {
    hostname,
    domain,
    id,
    boundary: `=_${randomBytes(15).toString('hex')}`,
    now: clock.now(),
    to: message.sender,
  }
  const { sender, requireTls, smtpUtf8 } = message
  const whole = writeReport({ ...facts, message, reported, original })
  return planLetter(parts, { id, to: sender, whole, requireTls, smtpUtf8 })
}

async function originalOf(
  { queue }: PostmanParts,
  { recipient, action }: ReportedRow,
  message: OutgoingMessage,
) {
  if (returnsWhole(message, action, mostReturned)) {
    const bytes = await queue.bytes(recipient.message, { from: 0, to: message.size })
    return { kind: 'full', bytes: bytes ?? new Uint8Array() } as const
  }
  const start = Buffer.from((await queue.bytes(recipient.message, { from: 0, to: mostHeader })) ?? [])
  const end = start.indexOf('\r\n\r\n')
  return { kind: 'headers', bytes: end < 0 ? start : start.subarray(0, end + 4) } as const
}
