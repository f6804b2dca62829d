import type { Intake } from '../../ports/intake.ts'
import type { MailboxEvents } from '../../ports/mailbox-events.ts'
import type { OwnMail } from '../../ports/own-mail.ts'
import type { RuleTrials } from '../../ports/rule-trials.ts'
import type { Service } from '../../ports/runtime.ts'
import { EventScripts } from './events/event-scripts.ts'
import type { EventParts } from './events/prepare.ts'
import { type IntakeParts, MailIntake } from './intake.ts'
import { type LimitParts, limitOutgoing } from './limits/limited.ts'
import { type OwnMailParts, ownMailBy } from './own-mail.ts'
import { sieveSettings } from './rules/sieve-settings.ts'
import { type TracedParts, tracedIntake } from './tracing.ts'
import { ruleTrials, type TrialParts } from './trials.ts'

/** Takes messages in, whoever brings them. */
export function createDelivery(parts: IntakeParts): Intake {
  const intake = new MailIntake(parts)
  return { recipient: (question) => intake.recipient(question), accept: (arrival) => intake.accept(arrival) }
}

/** Keeps what one account sends to other servers within bounds. */
export function createOutgoingLimits(parts: LimitParts): Intake {
  return limitOutgoing(parts)
}

/** Notes what becomes of messages, for whoever sent them or was to get them. */
export function createTracedIntake(parts: TracedParts): Intake {
  return tracedIntake(parts)
}

/** Finds out where the server's own reports go. */
export function createOwnMail(parts: OwnMailParts): OwnMail {
  return ownMailBy(parts)
}

/** Tries rules on messages, and explains them. */
export function createRuleTrials(parts: TrialParts): RuleTrials {
  return ruleTrials(parts)
}

/** Runs the scripts that wait for what people do by IMAP. */
export function createMailboxEvents(
  parts: Omit<EventParts, 'sieve' | 'rules'> & {
    readonly rules: { readonly hostname: string; readonly recipientDelimiter: string }
  },
): { readonly events: MailboxEvents; readonly service: Service } {
  const events = new EventScripts({ ...parts, sieve: sieveSettings(parts.rules.recipientDelimiter) })
  return { events, service: events.service }
}
