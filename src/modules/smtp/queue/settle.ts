import type { Attempt, OutgoingMessage, QueuedRecipient, Settled } from '../../../ports/outgoing-queue.ts'
import type { Sent } from '../client/outcome.ts'
import type { TlsFacts } from '../client/tls.ts'
import type { Reported, ReportedRow } from './report.ts'
import { retryAfterMs } from './retry-plan.ts'

/** What one recipient's attempt came to, and which server it was; undefined where none was reached. */
export interface Tried {
  readonly recipient: QueuedRecipient
  readonly sent: Sent
  readonly server: string | undefined
  /** How safe the connection was; undefined: it was not, or there was none. */
  readonly tls?: TlsFacts | undefined
}

interface Verdict {
  readonly row: Settled
  /** Undefined where the sender is not to hear of it. */
  readonly report: ReportedRow | undefined
}

/**
 * Decides what becomes of a recipient after an attempt; changes nothing.
 *
 * | outcome | row            | report (RFC 3461 §4.1, §5.2)                                              |
 * |---------|----------------|---------------------------------------------------------------------------|
 * | done    | over           | relayed: SUCCESS was asked for, and the server cannot report it itself      |
 * | never   | over           | failed, unless NOTIFY leaves failure out                                    |
 * | later   | due again      | delayed, once, when the time for it has come, unless NOTIFY leaves delay out |
 * | later, and the time is up | over | failed, as with never                                             |
 */
export function judge({ recipient, sent, server }: Tried, now: number, random: number): Verdict {
  const attempt = attemptOf(sent, server, now)
  const over = {
    id: recipient.id,
    kind: 'over',
    came: { sent: sent.kind === 'done', last: attempt },
  } as const
  const wants = (action: 'success' | 'failure' | 'delay') => isWanted(recipient, action)
  switch (sent.kind) {
    case 'done': {
      const relayed = wants('success') && !sent.reportsDelivery
      return { row: over, report: relayed ? { recipient, action: 'relayed', attempt } : undefined }
    }
    case 'never':
      return { row: over, report: wants('failure') ? { recipient, action: 'failed', attempt } : undefined }
    case 'later': {
      const due = now + retryAfterMs({ why: sent.why, attempts: recipient.attempts, random })
      if (now >= recipient.expires) {
        const expired = {
          ...attempt,
          text: `Given up after the last attempt failed: ${attempt.text}`,
          status: asPermanent(attempt),
        }
        return {
          row: { ...over, came: { sent: false, last: expired } },
          report: wants('failure') ? { recipient, action: 'failed', attempt: expired } : undefined,
        }
      }
      const isLate = recipient.notice !== undefined && now >= recipient.notice
      // The last attempt stands at the end of its time, not after it.
      const row = {
        id: recipient.id,
        kind: 'later',
        due: Math.min(due, Math.max(recipient.expires, now + 1)),
        last: attempt,
        noticed: isLate,
      } as const
      return { row, report: isLate && wants('delay') ? { recipient, action: 'delayed', attempt } : undefined }
    }
  }
}

/** RFC 3461 §4.1: who said nothing hears of failures, and may hear of delays. The null sender never hears anything. */
function isWanted({ sender, notify }: QueuedRecipient, action: 'success' | 'failure' | 'delay'): boolean {
  if (sender === undefined) return false
  return notify === undefined ? action !== 'success' : notify.includes(action)
}

function attemptOf(sent: Sent, server: string | undefined, at: number): Attempt {
  const { status, text, code } = sent
  if (sent.kind === 'done')
    return { at, server, why: 'done', step: 'end of data', code, status, text, saidBy: 'them' }
  const { why, step, saidBy } = sent
  return { at, server, why, step, code, status, text, saidBy }
}

/** RFC 3463 §3.5: 5.4.7 is "delivery time expired"; where the server said something more exact, that is told as it is. */
function asPermanent({ saidBy, status }: Attempt): string {
  return saidBy === 'them' ? status.replace(/^4/, '5') : '5.4.7'
}

/** RFC 3461 §4.3: the whole message only with a failure, and where it was asked for; RFC 8689 §5: never what needed a safe way. */
export function returnsWhole(
  message: OutgoingMessage,
  action: Reported['action'],
  mostReturned: number,
): boolean {
  return (
    action === 'failed' &&
    message.returnContent === 'full' &&
    !message.requireTls &&
    message.size <= mostReturned
  )
}
