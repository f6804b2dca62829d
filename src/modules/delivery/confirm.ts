import type { Arrival, EnvelopeRecipient } from '../../ports/intake.ts'
import type { BesideMessage } from '../../ports/mail-store.ts'
import type { TryLater } from '../../ports/runtime.ts'
import type { SuccessReports } from '../../ports/success-reports.ts'
import type { Expansion } from './resolve.ts'

/**
 * The report of success that a sender has asked for, in the same transaction as what it reports. Who is on another server is
 * reported by that one, or by our queue. RFC 3461 §5.2.
 */
export async function confirm(
  reports: SuccessReports,
  arrival: Arrival,
  /** Undefined for who was refused. */
  expansions: readonly (Expansion | undefined)[],
): Promise<readonly BesideMessage[] | TryLater> {
  // RFC 3461 §6: nobody tells the null sender anything.
  const asked = arrival.sender === undefined ? [] : arrival.recipients
  const recipients = asked.flatMap((recipient, index) => {
    const action = actionOf(recipient, expansions[index])
    return action === undefined ? [] : [{ ...recipient, action }]
  })
  if (recipients.length === 0) return []
  const planned = await reports.write(arrival, recipients)
  if (planned.kind === 'later') return planned
  if (planned.kind === 'nowhere') return []
  const { message, copies, outgoing = [] } = planned.delivery
  return [{ message, copies, outgoing, once: undefined }]
}

/** RFC 3464 §2.3.3: `expanded` where it went to several, of whom not all are here. */
function actionOf(
  { notify }: EnvelopeRecipient,
  expansion: Expansion | undefined,
): 'delivered' | 'expanded' | undefined {
  if (!notify?.includes('success') || !expansion || expansion.mailboxes.length === 0) return undefined
  return expansion.outside.length > 0 ? 'expanded' : 'delivered'
}
