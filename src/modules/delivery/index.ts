import type { Intake } from '../../ports/intake.ts'
import { type IntakeParts, MailIntake } from './intake.ts'

/** Takes messages in, whoever brings them. */
export function createDelivery(parts: IntakeParts): Intake {
  const intake = new MailIntake(parts)
  return { recipient: (question) => intake.recipient(question), accept: (arrival) => intake.accept(arrival) }
}
