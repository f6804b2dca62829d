import type { DomainName } from '../../../lib/address.ts'
import type { MessageBytes } from '../../../ports/message.ts'
import type { OwnMail } from '../../../ports/own-mail.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { SuccessReports } from '../../../ports/success-reports.ts'
import { planReport } from './postman.ts'

export interface SuccessParts {
  readonly bytes: MessageBytes
  readonly ownMail: OwnMail
  readonly hostname: string
  readonly domain: DomainName
  readonly clock: Clock
}

const mostHeader = 64 * 1024

/** Reports of what never was in the queue: it is in mailboxes here. */
export function successReports(parts: SuccessParts): SuccessReports {
  return {
    async write(arrival, recipients) {
      const { sender, envelopeId, requireTls, smtpUtf8, message, receivedAt } = arrival
      if (sender === undefined) return { kind: 'nowhere', text: 'The null sender hears nothing' }
      const start = Buffer.from(
        await parts.bytes.read(message, { from: 0, to: Math.min(message.size, mostHeader) }),
      )
      const end = start.indexOf('\r\n\r\n')
      const attempt = {
        at: parts.clock.now(),
        server: undefined,
        why: 'done',
        step: 'end of data',
        code: undefined,
        status: '2.0.0',
        text: 'It is in the mailbox.',
        saidBy: 'us',
      } as const
      return planReport(parts, {
        message: { sender, envelopeId, requireTls, smtpUtf8, acceptedAt: receivedAt },
        reported: recipients.map((recipient) => ({
          recipient: { ...recipient, expires: 0 },
          action: recipient.action,
          attempt,
        })),
        original: { kind: 'headers', bytes: end < 0 ? start : start.subarray(0, end + 4) },
      })
    },
  }
}
