import { indexMessage } from '../../src/lib/mime/indexer.ts'
import type { SieveFacts, SieveSettings } from '../../src/ports/sieve.ts'

/** As Pigeonhole has them where nothing is configured. */
export const sieveSettings: SieveSettings = {
  recipientDelimiters: '+',
  vacation: {
    minSeconds: 86_400,
    maxSeconds: 5_184_000,
    defaultSeconds: 604_800,
    answersAliases: false,
    fromOwner: false,
    toHeader: false,
    subject: 'Automated reply',
    subjectTemplate: 'Auto: %s',
    subjectCharacters: 256,
  },
  duplicate: { defaultSeconds: 43_200, maxSeconds: 172_800 },
  editHeader: { maxFieldOctets: 2048, forbidAdd: [], forbidDelete: [] },
  limits: {
    steps: 2_000_000,
    variableOctets: 4000,
    variableTotalOctets: 1_048_576,
    actions: 32,
    redirects: 4,
    notifications: 4,
    nestedParts: 4,
  },
}

export function sieveMessage(text: string | Uint8Array): SieveFacts['message'] {
  const bytes = typeof text === 'string' ? Buffer.from(text.replace(/\r?\n/g, '\r\n')) : text
  return { bytes, index: indexMessage(bytes) }
}

/** A message for nico, and nothing special about it. */
export function sieveFacts(message: string, more: Partial<SieveFacts> = {}): SieveFacts {
  return {
    message: sieveMessage(message),
    envelope: {
      from: 'sender@example.com',
      to: 'nico@home.test',
      auth: undefined,
      parameters: {},
    },
    owner: { address: 'nico@home.test', displayedName: '', addresses: ['nico@home.test'], timeZone: 'UTC' },
    now: Date.UTC(2025, 1, 13, 10, 0, 0),
    seed: 'seed',
    environment: {},
    mailboxes: [{ name: 'INBOX', id: 'm1', specialUse: [], metadata: {} }],
    lists: [],
    spam: { spamPercent: undefined, virus: 0 },
    seen: [],
    flags: [],
    settings: sieveSettings,
    ...more,
  }
}
