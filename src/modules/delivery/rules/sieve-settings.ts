import type { SieveSettings } from '../../../ports/sieve.ts'

const hour = 3_600
const day = 24 * hour

/** What rules may do to one message. */
export function sieveSettings(recipientDelimiters: string): SieveSettings {
  return {
    recipientDelimiters,
    vacation: {
      // RFC 6131 §2: a bound below which nobody gets, so that two robots do not write to each other all day.
      minSeconds: hour,
      maxSeconds: 60 * day,
      defaultSeconds: 7 * day,
      // As Mailu does: who is reached through an alias answers too.
      answersAliases: true,
      fromOwner: false,
      toHeader: false,
      subject: 'Automated reply',
      subjectTemplate: 'Auto: %s',
      subjectCharacters: 256,
    },
    duplicate: { defaultSeconds: 12 * hour, maxSeconds: 2 * day },
    // RFC 5293 §6: what tells how a message came stays as it is.
    editHeader: {
      maxFieldOctets: 2_048,
      forbidAdd: ['received', 'auto-submitted'],
      forbidDelete: ['received', 'auto-submitted'],
    },
    limits: {
      // Some tenths of a second, on a thread of its own.
      steps: 500_000,
      variableOctets: 4_000,
      variableTotalOctets: 1_048_576,
      actions: 32,
      redirects: 4,
      notifications: 4,
      nestedParts: 4,
    },
  }
}
