import type { Arrival, EnvelopeRecipient } from './intake.ts'
import type { OwnMail } from './own-mail.ts'

/** Tells senders who asked for it that their message is where it should be.*/
export interface SuccessReports {
  /** Writes the report and finds out where it goes; changes nothing. At least one recipient. */
  write(
    arrival: Arrival,
    recipients: readonly (EnvelopeRecipient & { readonly action: 'delivered' | 'expanded' })[],
  ): ReturnType<OwnMail['plan']>
}
