import type { Arrival } from '../../ports/intake.ts'
import type { Delivery } from '../../ports/mail-store.ts'
import { type LeavingRules, triedForMs } from './leaving.ts'

/** Whether it waits for its hour. RFC 4865. */
export function isHeld({ notBefore, origin }: Arrival, now: number): boolean {
  return notBefore !== undefined && notBefore > now && origin.kind === 'submitted'
}

/**
 * Until its hour a message is in the queue for everybody, those here included: who they are, and what their rules say, is
 * asked when the hour has come.
 */
export function heldDelivery(arrival: Arrival, now: number, { noticeAfterMs }: LeavingRules): Delivery {
  const { id, message, origin, sender, trace, recipients, notBefore = now, connection, client } = arrival
  const { smtpUtf8, requireTls, envelopeId, returnContent } = arrival
  const until = new Date(notBefore).toISOString()
  return {
    id,
    message,
    copies: [],
    outgoing: [
      {
        account: origin.kind === 'submitted' ? origin.account : undefined,
        sender,
        prefix: trace,
        smtpUtf8,
        requireTls,
        envelopeId,
        returnContent,
        recipients,
        notBefore,
        held: arrival.isBraked === true,
        expires: notBefore + triedForMs,
        notice: sender === undefined || noticeAfterMs === undefined ? undefined : notBefore + noticeAfterMs,
      },
    ],
    trace: {
      connection,
      ip: client.ip,
      helo: client.helo,
      sender: sender ?? '',
      at: now,
      recipients: recipients.map(({ address }) => ({ address, steps: [`${address}: waits until ${until}`] })),
    },
  }
}
