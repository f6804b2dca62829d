import type { Accepted, Arrival } from '../../ports/intake.ts'
import type { AuthChecks } from '../../ports/mail-authentication.ts'
import type { ArrivalWitness, DmarcApplied } from '../../ports/mail-reports.ts'
import type { Judgement } from '../../ports/spam-judge.ts'

/** What became of a message that was looked at. */
interface Outcome {
  readonly accepted: Accepted | undefined
  readonly checks: AuthChecks | undefined
  readonly action: Judgement['action']
  /** Was itself a report on our mail. */
  readonly isReport: boolean
}

/**
 * Counts a message for the owner of its domain. One that has to come again is counted then; a report is never counted, or two
 * servers would report on each other's reports for ever.
 */
export function witness(
  by: ArrivalWitness | undefined,
  arrival: Arrival,
  { accepted, checks, action, isReport }: Outcome,
): void {
  if (!by || !checks || isReport || !accepted || accepted.kind === 'later') return
  // Nobody can tell who brought it to the mailbox where it lay.
  if (arrival.collected) return
  if (accepted.kind === 'refused' && accepted.code < 500) return
  by.count(arrival, checks, appliedTo(checks, action))
}

/** Never more than the domain asks for: what the filter has besides against a message is nobody's business. RFC 9990 §8.3. */
function appliedTo({ dmarc }: AuthChecks, action: Judgement['action']): DmarcApplied {
  if (dmarc.policy === 'none' || action === 'accept' || action === 'later') return 'none'
  return action === 'reject' ? dmarc.policy : 'quarantine'
}
