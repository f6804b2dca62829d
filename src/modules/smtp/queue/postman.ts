import { randomBytes } from 'node:crypto'
import type { Address } from '../../../lib/address.ts'
import { formatMessageDate } from '../../../lib/mime/date.ts'
import type { Delivery } from '../../../ports/mail-store.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { OutgoingMessage, OutgoingQueue } from '../../../ports/outgoing-queue.ts'
import type { OwnMail } from '../../../ports/own-mail.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import { type Reported, type ReportedRow, type ReportFacts, writeReport } from './report.ts'
import { returnsWhole } from './settle.ts'

interface PostmanParts {
  readonly queue: Pick<OutgoingQueue, 'message' | 'bytes'>
  readonly bytes: MessageBytes
  readonly ownMail: OwnMail
  readonly hostname: string
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
  parts: Pick<PostmanParts, 'bytes' | 'ownMail' | 'hostname' | 'clock'>,
  { message, reported, original }: Telling,
): ReturnType<OwnMail['plan']> {
  const { hostname, clock, bytes } = parts
  const id = `${clock.now().toString(36)}.${randomBytes(9).toString('hex')}`
  const facts = {
    hostname,
    id,
    boundary: `=_${randomBytes(15).toString('hex')}`,
    now: clock.now(),
    to: message.sender,
  }
  const ref = await seal(bytes, writeReport({ ...facts, message, reported, original }))
  if (!ref) return { kind: 'later', reason: 'disk-full', text: 'The report cannot be written now' }
  const planned = await parts.ownMail.plan(arrivalOf(parts, { id, message, ref }))
  if (planned.kind !== 'planned') await bytes.release(ref)
  return planned
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

async function seal(bytes: MessageBytes, whole: Buffer): Promise<MessageRef | undefined> {
  const draft = await bytes.begin()
  const written = await bytes.write(draft, whole)
  const sealed = written.kind === 'written' ? await bytes.seal(draft) : written
  if (sealed.kind === 'sealed') return sealed.ref
  await bytes.discard(draft)
  return undefined
}

interface Written {
  readonly id: string
  readonly message: Telling['message']
  readonly ref: MessageRef
}

function arrivalOf(
  { hostname, clock }: Pick<PostmanParts, 'hostname' | 'clock'>,
  { id, message, ref }: Written,
): Parameters<OwnMail['plan']>[0] {
  const { sender, requireTls, smtpUtf8 } = message
  const now = clock.now()
  return {
    id,
    connection: 'queue',
    origin: { kind: 'trusted' },
    sender: undefined,
    // RFC 3461 §5.2: nobody hears of a report that is lost.
    recipients: [{ address: sender, notify: ['never'], originalRecipient: undefined }],
    message: ref,
    // Written by ourselves, it still counts for whoever looks for a loop.
    trace: `Received: by ${hostname} (Homepost) id ${id};\r\n\t${formatMessageDate(now)}\r\n`,
    client: { ip: '127.0.0.1', helo: hostname, tls: false },
    requireTls,
    smtpUtf8,
    envelopeId: undefined,
    returnContent: undefined,
    receivedAt: now,
  }
}
